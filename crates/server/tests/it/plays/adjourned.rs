//! Adjourned matches, and how they continue or end.

use crate::test_harness::check;

#[test]
fn both_agree_to_adjourn_and_the_match_goes_on_when_both_are_back() {
    check(
        "
        (ann and ben play 3x3 clock 30s: 5)
        +12s
        ann> offer to adjourn
            ann and ben hear: match 1: ann 0:0 ben | 5 | ben to move | 30.0 to 28.0, ben's clock runs | ann offers to adjourn
        +2s
        ben> accept
            ann and ben hear: match 1: ann 0:0 ben | 5 | adjourned | 30.0 to 26.0, stopped
            ann hears: adjourned: room 1 against ben
            ben hears: adjourned: room 1 against ann
        ann> play 7
            ann hears: rejected, no match is running
        ann> leave
            ann hears: you have left
            ben hears: match 1: ann (left 0 s ago) 0:0 ben | 5 | adjourned | 30.0 to 26.0, stopped
        ben> leave
            ben hears: you have left
        # Both may play elsewhere meanwhile.
        (ann> create 3x3)
        (ann> leave)
        +60m
        ben> join room 1
            ben hears: you are the guest of room 1
            ben hears: match 1: ann (left 3600 s ago) 0:0 ben | 5 | adjourned | 30.0 to 26.0, stopped
            ann hears: adjourned: room 1 against ben, who is waiting
        # Nobody else can.
        cat> join room 1
            cat hears: rejected, both seats of this room are taken
        ann> join room 1
            ann hears: you are the host of room 1
            ann and ben hear: match 1: ann 0:0 ben | 5 | ben to move | 30.0 to 26.0, ben's clock runs
            ann hears: no adjourned matches
            ben hears: no adjourned matches
        ben> play 1
            ann and ben hear: match 1: ann 0:0 ben | 5 1 | ann to move | 30.0 to 30.0, ann's clock runs
        ",
    );
}

#[test]
fn a_claimed_adjournment_awaits_the_absent_player() {
    check(
        "
        (ann and ben play 3x3: 7 3)
        (ben drops)
        +10s
        ann> claim adjournment
            ann hears: rejected, it is too early to claim: the seat is still kept
        +20s
        ann> claim adjournment
            ann hears: match 1: ann 0:0 ben (away for 30 s) | 7 3 | adjourned
            ann hears: adjourned: room 1 against ben
        ann> leave
            ann hears: you have left
        +60m
        ben returns
            ben hears: you are the guest of room 1
            ben hears: match 1: ann (left 3600 s ago) 0:0 ben | 7 3 | adjourned
            ann hears: adjourned: room 1 against ben, who is waiting
            ben hears: adjourned: room 1 against ann
        ann> join room 1
            ann hears: you are the host of room 1
            ann and ben hear: match 1: ann 0:0 ben | 7 3 | ann to move
            ann hears: no adjourned matches
            ben hears: no adjourned matches
        ",
    );
}

#[test]
fn an_adjourned_match_is_found_after_a_new_start_of_the_program() {
    check(
        "
        (ann and ben play 3x3)
        (ann> offer to adjourn)
        +1s
        (ben> accept)
        (ann> leave)
        ann quits
        (ben> leave)
        (ben drops)
        +600m
        there are 2 sessions and 1 room
        ann returns
            ann hears: adjourned: room 1 against ben
        ann> join room 1
            ann hears: you are the host of room 1
            ann hears: match 1: ann 0:0 ben (left 36000 s ago) | adjourned
        ben returns
            ben hears: adjourned: room 1 against ann, who is waiting
        ben> join room 1
            ben hears: you are the guest of room 1
            ann and ben hear: match 1: ann 0:0 ben | ann to move
            ann hears: no adjourned matches
            ben hears: no adjourned matches
        ",
    );
}

#[test]
fn an_adjourned_match_is_kept_for_a_day_without_its_players() {
    check(
        "
        (ann and ben play 3x3)
        (ann> offer to adjourn)
        +1s
        (ben> accept)
        (ann> leave)
        (ben> leave)
        (ann quits)
        # Ben is still connected, and is told.
        +1440m
            ben hears: no adjourned matches
        there are 1 sessions and 0 rooms
        ann returns
            ann hears: refused, the server does not know this session any more
        ",
    );
}

#[test]
fn adjourned_matches_have_a_limit() {
    check(
        "
        limit adjourned 1
        (ann and ben play 3x3: 7 3)
        (ann> offer to adjourn)
        +1s
        (ben> accept)
        (cat> create 3x3)
        (dan> join room 2)
        (cat> play 7)
        (dan> play 3)
        (cat> offer to adjourn)
        +1s
        dan> accept
            dan hears: rejected, too many matches are adjourned already
        (dan drops)
        +30s
        cat> claim adjournment
            cat hears: rejected, too many matches are adjourned already
        cat> claim draw
            cat hears: match 1: cat 0:0 dan (away for 30 s) (1 drawn) | 7 3 | declared a draw, because dan stayed away
        ",
    );
}

#[test]
fn adjourned_matches_of_a_session_have_a_limit() {
    check(
        "
        limit adjourned_per_session 1
        (ann and ben play 3x3)
        (ann> offer to adjourn)
        +1s
        (ben> accept)
        (ann> leave)
        (ann> create 3x3)
        (cat> join room 2)
        (ann> offer to adjourn)
        +1s
        cat> accept
            cat hears: rejected, too many matches are adjourned already
        ",
    );
}

#[test]
fn a_match_adjourned_by_agreement_continues_when_both_want_to() {
    check(
        "
        (ann and ben play 3x3 clock 30s)
        (ann> offer to adjourn)
        +1s
        (ben> accept)
        # A moment of bad Wi-Fi does not start the clocks.
        (ann falls silent)
        ann is heard again
            ann and ben hear: match 1: ann 0:0 ben | adjourned | 30.0 to 30.0, stopped
        (ann drops)
        ann returns
            ann hears: you are the host of room 1
            ann and ben hear: match 1: ann 0:0 ben | adjourned | 30.0 to 30.0, stopped
            ann hears: adjourned: room 1 against ben
        (ben falls silent)
        (ben is heard again)
        ann> continue in room 1
            ann and ben hear: match 1: ann 0:0 ben | adjourned | 30.0 to 30.0, stopped
            ben hears: adjourned: room 1 against ann, who is waiting
        ben> continue in room 1
            ann and ben hear: match 1: ann 0:0 ben | ann to move | 30.0 to 30.0, ann's clock starts in 9 s
            ann hears: no adjourned matches
            ben hears: no adjourned matches
        ",
    );
}

#[test]
fn the_return_of_an_absent_player_continues_a_claimed_adjournment() {
    check(
        "
        (ann and ben play 3x3: 7 3)
        (ben drops)
        +30s
        (ann> claim adjournment)
        +100s
        ben returns
            ben hears: you are the guest of room 1
            ann and ben hear: match 1: ann 0:0 ben | 7 3 | ann to move
            ann hears: no adjourned matches
        ",
    );
}

#[test]
fn an_adjourned_match_can_be_resigned_from_within() {
    check(
        "
        (ann and ben play 3x3)
        (ann> offer to adjourn)
        +1s
        (ben> accept)
        (ben> leave)
        ann> resign
            ann hears: match 1: ann 0:1 ben (gone) | ann resigned
            ann hears: no adjourned matches
            ben hears: no adjourned matches
        ben> join room 1
            ben hears: rejected, both seats of this room are taken
        ",
    );
}

#[test]
fn an_adjourned_match_is_watched_only_by_others() {
    check(
        "
        (ann and ben play 3x3)
        (ann> offer to adjourn)
        +1s
        (ben> accept)
        (ann> leave)
        ann> watch room 1
            ann hears: you are the host of room 1
            ann and ben hear: match 1: ann 0:0 ben | adjourned
            ben hears: adjourned: room 1 against ann, who is waiting
        ",
    );
}

#[test]
fn adjourned_matches_of_an_origin_have_a_limit() {
    check(
        "
        limit adjourned 8
        ann comes from 7
        ben comes from 8
        (ann and ben play 3x3)
        (ann> offer to adjourn)
        +1s
        (ben> accept)
        (ann> leave)
        (ann> create 3x3)
        (cat> join room 2)
        (ann> offer to adjourn)
        +1s
        (cat> accept)
        eve comes from 7
        (dan> create 3x3)
        (eve> join room 3)
        (dan> offer to adjourn)
        +1s
        eve> accept
            eve hears: rejected, your address uses as much of this server as it may
        ",
    );
}

#[test]
fn a_short_silence_does_not_cancel_the_wish_to_continue() {
    check(
        "
        (ann and ben play 3x3: 7 3)
        (ann> offer to adjourn)
        +1s
        (ben> accept)
        (ben> continue in room 1)
        (ben falls silent)
        ann> continue in room 1
            ann and ben hear: match 1: ann 0:0 ben (silent for 3 s) | 7 3 | adjourned
            ben hears: adjourned: room 1 against ann, who is waiting
        ben is heard again
            ann and ben hear: match 1: ann 0:0 ben | 7 3 | ann to move
            ann hears: no adjourned matches
            ben hears: no adjourned matches
        ",
    );
}

#[test]
fn a_claimed_adjournment_ends_an_offer() {
    check(
        "
        (ann and ben play 3x3: 7 3)
        (ben falls silent)
        +20s
        (ann> offer a draw)
        +10s
        ann> claim adjournment
            ann and ben hear: match 1: ann 0:0 ben (silent for 33 s) | 7 3 | adjourned
            ann hears: adjourned: room 1 against ben
            ben hears: adjourned: room 1 against ann, who is waiting
        ",
    );
}

#[test]
fn nothing_is_kept_for_who_has_left_when_the_other_resigns() {
    check(
        "
        (ann and ben play 3x3)
        (ann> offer to adjourn)
        +1s
        (ben> accept)
        (ben> leave)
        (ben quits)
        there are 2 sessions and 1 room
        ann> resign
            ann hears: match 1: ann 0:1 ben (gone) | ann resigned
            ann hears: no adjourned matches
        there are 1 sessions and 1 room
        ann> rematch
            ann hears: rejected, the other player has left
        ",
    );
}
