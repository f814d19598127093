//! Codes, passcodes, full servers, and the ends of rooms.

use crate::test_harness::check;

#[test]
fn a_passcode_opens_a_room() {
    check(
        "
        (ann> create 3x3 passcode 1234)
        ben> join room 1
            ben hears: rejected, this room needs a passcode
        ben> join room 1 with 12345
            ben hears: rejected, that is not the passcode
        ben> join room 1 with 1234
            ben hears: you are the guest of room 1
            ann and ben hear: match 1: ann 0:0 ben | ann to move | locked
        # Nobody needs it to come back.
        (ben drops)
        ben returns
            ben hears: you are the guest of room 1
            ann and ben hear: match 1: ann 0:0 ben | ann to move | locked
        ",
    );
}

#[test]
fn a_session_has_five_attempts_in_ten_minutes() {
    check(
        "
        (ann> create 3x3 passcode 1234)
        (ben> join room 1 with 1)
        (ben> join room 1 with 2)
        (ben> join room 1 with 3)
        (ben> join room 1 with 4)
        ben> join room 1 with 5
            ben hears: rejected, that is not the passcode
        # Even the right one is no help now.
        ben> join room 1 with 1234
            ben hears: rejected, too many wrong codes or passcodes; try again in a few minutes
        +9m
        ben> join room 1 with 1234
            ben hears: rejected, too many wrong codes or passcodes; try again in a few minutes
        +1m
        ben> join room 1 with 1234
            ben hears: you are the guest of room 1
            ann and ben hear: match 1: ann 0:0 ben | ann to move | locked
        ",
    );
}

#[test]
fn an_address_has_a_limit_over_all_its_sessions() {
    check(
        "
        limit passcode_attempts_per_origin 2
        (ann> create 3x3 passcode 1234)
        ben comes from 77
        cat comes from 77
        dan comes from 78
        (ben> join room 1 with 1)
        (cat> join room 1 with 2)
        cat> join room 1 with 1234
            cat hears: rejected, too many wrong codes or passcodes; try again in a few minutes
        dan> join room 1 with 1234
            dan hears: you are the guest of room 1
            ann and dan hear: match 1: ann 0:0 dan | ann to move | locked
        ",
    );
}

#[test]
fn a_right_passcode_is_never_refused_because_of_others() {
    check(
        "
        limit attempt_counts 2
        (ann> create 3x3 passcode 1234)
        ben comes from 77
        cat comes from 78
        dan comes from 79
        (ben> join room 1 with 1)
        (cat> join room 1 with 1)
        dan> join room 1 with 1234
            dan hears: you are the guest of room 1
            ann and dan hear: match 1: ann 0:0 dan | ann to move | locked
        ",
    );
}

#[test]
fn an_address_that_tries_codes_finds_no_hidden_room() {
    check(
        "
        limit code_attempts_per_origin 2
        (ann> create 3x3 hidden)
        (cat> create 3x3)
        ben comes from 77
        eve comes from 77
        ben> join KITE-42
            ben hears: rejected, no room has this code
        eve> watch KITE-43
            eve hears: rejected, no room has this code
        # From here on it makes no difference whether a code is right.
        ben> watch room 1
            ben hears: rejected, too many wrong codes or passcodes; try again in a few minutes
        ben> join KITE-44
            ben hears: rejected, too many wrong codes or passcodes; try again in a few minutes
        # A room on the list is no secret, and other addresses have nothing to do with it.
        ben> join room 2
            ben hears: you are the guest of room 2
            cat and ben hear: match 1: cat 0:0 ben | cat to move
        dan> watch room 1
            dan hears: you watch room 1
            ann and dan hear: match 1: ann 0:0 nobody | waiting | hidden | 1 watching
        +10m
        eve> join room 1
            eve hears: you are the guest of room 1
            ann and eve and dan hear: match 1: ann 0:0 eve | ann to move | hidden | 1 watching
        ",
    );
}

#[test]
fn the_owner_hides_locks_and_shows_the_room() {
    check(
        "
        (ann> create 3x3)
        (eve> browse)
        ann> hide the room
            ann hears: match 1: ann 0:0 nobody | waiting | hidden
        +1s
            eve hears: no rooms
        ann> lock the room with 1234
            ann hears: match 1: ann 0:0 nobody | waiting | locked
        +1s
            eve hears: rooms 1 to 1 of 1: room 1, ann waits, 3x3, locked, for 2 s
        ben> join room 1
            ben hears: rejected, this room needs a passcode
        ben> join room 1 with 1234
            ben hears: you are the guest of room 1
            ann and ben hear: match 1: ann 0:0 ben | ann to move | locked
        ben> hide the room
            ben hears: rejected, only the player who opened the room may do that
        ann> show the room
            ann and ben hear: match 1: ann 0:0 ben | ann to move
        ",
    );
}

#[test]
fn a_room_waits_ten_minutes_for_an_owner_who_is_away() {
    check(
        "
        (ann> create 3x3)
        (ann drops)
        +599s
        ann returns
            ann hears: you are the host of room 1
            ann hears: match 1: ann 0:0 nobody | waiting
        (ann drops)
        +10m
        nothing is left
        ",
    );
}

#[test]
fn a_room_waits_for_ever_for_a_guest_while_its_owner_is_there() {
    check(
        "
        (ann> create 3x3)
        +6000m
        (ben> join room 1)
        there are 2 sessions and 1 room
        ",
    );
}

#[test]
fn a_waiting_room_ends_when_its_owner_leaves() {
    check(
        "
        (ann> create 3x3)
        ann> leave
            ann hears: you have left
        there are 1 sessions and 0 rooms
        (ann> create 3x3)
        ann quits
        nothing is left
        ",
    );
}

#[test]
fn a_result_stays_five_minutes_after_the_last_one_has_left_it() {
    check(
        "
        (ann and ben play 3x3)
        (ann> resign)
        (cat> watch room 1)
        ann> leave
            ann hears: you have left
            ben and cat hear: match 1: ann (gone) 0:1 ben | ann resigned | 1 watching
        +10m
        ben quits
            cat hears: match 1: ann (gone) 0:1 ben (gone) | ann resigned | 1 watching
        +299s
        there are 2 sessions and 1 room
        +1s
            cat hears: the room is closed
        there are 2 sessions and 0 rooms
        ",
    );
}

#[test]
fn a_result_is_kept_for_five_minutes_after_a_lost_link() {
    check(
        "
        (ann and ben play 3x3)
        (ann> resign)
        (ann> leave)
        (ben drops)
        +299s
        ben returns
            ben hears: you are the guest of room 1
            ben hears: match 1: ann (gone) 0:1 ben | ann resigned
        (ben drops)
        +5m
        there are 1 sessions and 0 rooms
        ",
    );
}

#[test]
fn a_full_server_refuses_newcomers_and_admits_returns() {
    check(
        "
        limit sessions 2
        (ann and ben play 3x3: 5 1)
        cat comes
            cat hears: refused, the server is full
        ben drops
            ann hears: match 1: ann 0:0 ben (away for 0 s) | 5 1 | paused, ann to move | ann may claim in 30 s
        # The seat is kept, and so is the place on the server.
        cat comes
            cat hears: refused, the server is full
        ben returns
            ben hears: you are the guest of room 1
            ann and ben hear: match 1: ann 0:0 ben | 5 1 | ann to move
        ",
    );
}

#[test]
fn a_server_without_free_rooms_opens_none_and_fills_those_it_has() {
    check(
        "
        limit rooms 1
        (ann> create 3x3)
        ben> create 3x3
            ben hears: rejected, the server has no room for another game
        ben> quick match
            ben hears: you are the guest of room 1
            ann and ben hear: match 1: ann 0:0 ben | ann to move | chat off
        cat> quick match
            cat hears: rejected, the server has no room for another game
        ",
    );
}

#[test]
fn a_full_server_closes_the_room_that_has_been_empty_for_longest() {
    check(
        "
        limit rooms 2
        (ann> create 3x3)
        (ben> create 3x3)
        (ann drops)
        +1s
        (ben drops)
        cat> create 3x3
            cat hears: you are the host of room 3
            cat hears: match 1: cat 0:0 nobody | waiting
        ann returns
            ann hears: refused, the server does not know this session any more
        ben returns
            ben hears: you are the host of room 2
            ben hears: match 1: ben 0:0 nobody | waiting
        ",
    );
}

#[test]
fn wrong_passcodes_count_for_watching_and_joining_together() {
    check(
        "
        limit passcode_attempts_per_session 2
        (ann> create 3x3 passcode 1234)
        (ben> join room 1 with 1)
        (ben> watch room 1 with 2)
        ben> join room 1 with 1234
            ben hears: rejected, too many wrong codes or passcodes; try again in a few minutes
        ",
    );
}
