//! Quick matches and their pairing.

use crate::test_harness::check;

#[test]
fn equal_wishes_are_paired_in_the_order_of_their_arrival() {
    check(
        "
        (ann> quick match 3x3 best of 3 clock 30s)
        (ben> quick match 3x3 best of 3)
        (cat> quick match 3x3)
        (dan> quick match 5x5:4)
        eve> quick match 3x3 best of 3
            eve hears: you are the guest of room 2
            ben and eve hear: match 1: ben 0:0 eve | ben to move | chat off
        fay> quick match 3x3 best of 3 clock 30s
            fay hears: you are the guest of room 1
            ann and fay hear: match 1: ann 0:0 fay | ann to move | 30.0 to 30.0, ann's clock starts in 10 s | chat off
        gus> quick match 3x3 best of 5
            gus hears: you are the host of room 5
            gus hears: match 1: gus 0:0 nobody | waiting
        ",
    );
}

#[test]
fn any_wish_takes_the_oldest_room_or_opens_one() {
    check(
        "
        ann> quick match
            ann hears: you are the host of room 1
            ann hears: match 1: ann 0:0 nobody | waiting
        (ben> create 3x3)
        (cat> create 3x3)
        # Nobody is left in Ann's room.
        (ann> leave)
        dan> quick match
            dan hears: you are the guest of room 2
            ben and dan hear: match 1: ben 0:0 dan | ben to move | chat off
        eve> quick match
            eve hears: you are the guest of room 3
            cat and eve hear: match 1: cat 0:0 eve | cat to move | chat off
        fay> quick match
            fay hears: you are the host of room 4
            fay hears: match 1: fay 0:0 nobody | waiting
        ",
    );
}

#[test]
fn a_room_whose_host_is_not_heard_is_passed_over() {
    check(
        "
        (ann> create 3x3)
        (ann drops)
        (ben> create 3x3)
        (ben falls silent)
        cat> quick match
            cat hears: you are the host of room 3
            cat hears: match 1: cat 0:0 nobody | waiting
        (ben is heard again)
        dan> quick match
            dan hears: you are the guest of room 2
            ben and dan hear: match 1: ben 0:0 dan | ben to move | chat off
        ",
    );
}

#[test]
fn hidden_and_locked_rooms_are_passed_over() {
    check(
        "
        (ann> create 3x3 hidden)
        (ben> create 3x3 passcode 1234)
        cat> quick match
            cat hears: you are the host of room 3
            cat hears: match 1: cat 0:0 nobody | waiting
        ",
    );
}
