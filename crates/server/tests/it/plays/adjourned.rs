//! Matches that are put off, and what becomes of them.

use crate::test_harness::check;

#[test]
fn both_agree_to_adjourn_and_the_match_goes_on_when_both_are_back() {
    check(
        "
        (ann> create 3x3 clock 30s)
        (ben> join room 1)
        (ann> play 5)
        +12s
        ann> offer to adjourn
            ann and ben hear: match 1: ann 0:0 ben | 5 | ben to move | 30.0 to 28.0, ben's runs | ann offers to adjourn
        +2s
        ben> accept
            ann and ben hear: match 1: ann 0:0 ben | 5 | adjourned | 30.0 to 26.0, stopped
            ann hears: adjourned are room 1 against ben
            ben hears: adjourned are room 1 against ann
        ann> play 7
            ann hears: no, no match is running
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
            ann hears: adjourned are room 1 against ben, who waits there
        # Nobody else can.
        cat> join room 1
            cat hears: no, both seats of this room are taken
        ann> join room 1
            ann hears: you are the host of room 1
            ann and ben hear: match 1: ann 0:0 ben | 5 | ben to move | 30.0 to 26.0, ben's runs
            ann hears: nothing of yours is adjourned
            ben hears: nothing of yours is adjourned
        ben> play 1
            ann and ben hear: match 1: ann 0:0 ben | 5 1 | ann to move | 30.0 to 30.0, ann's runs
        ",
    );
}

#[test]
fn who_stayed_adjourns_and_who_was_away_finds_it() {
    check(
        "
        (ann> create 3x3)
        (ben> join room 1)
        (ben drops)
        +10s
        ann> claim adjournment
            ann hears: no, it is too early to claim: the seat is still kept
        +20s
        ann> claim adjournment
            ann hears: match 1: ann 0:0 ben (away for 30 s) | adjourned
            ann hears: adjourned are room 1 against ben
        ann> leave
            ann hears: you have left
        +60m
        ben returns
            ben hears: you are the guest of room 1
            ben hears: match 1: ann (left 3600 s ago) 0:0 ben | adjourned
            ann hears: adjourned are room 1 against ben, who waits there
            ben hears: adjourned are room 1 against ann
        ann> join room 1
            ann hears: you are the host of room 1
            ann and ben hear: match 1: ann 0:0 ben | ann to move
            ann hears: nothing of yours is adjourned
            ben hears: nothing of yours is adjourned
        ",
    );
}

#[test]
fn an_adjourned_match_is_found_after_a_new_start_of_the_program() {
    check(
        "
        (ann> create 3x3)
        (ben> join room 1)
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
            ann hears: adjourned are room 1 against ben
        ann> join room 1
            ann hears: you are the host of room 1
            ann hears: match 1: ann 0:0 ben (left 36000 s ago) | adjourned
        ben returns
            ben hears: adjourned are room 1 against ann, who waits there
        ben> join room 1
            ben hears: you are the guest of room 1
            ann and ben hear: match 1: ann 0:0 ben | ann to move
            ann hears: nothing of yours is adjourned
            ben hears: nothing of yours is adjourned
        ",
    );
}

#[test]
fn an_adjourned_match_is_kept_for_a_day_without_its_players() {
    check(
        "
        (ann> create 3x3)
        (ben> join room 1)
        (ann> offer to adjourn)
        +1s
        (ben> accept)
        (ann> leave)
        (ben> leave)
        (ann quits)
        # Ben is still connected, and is told.
        +1440m
            ben hears: nothing of yours is adjourned
        there are 1 sessions and 0 rooms
        ann returns
            ann hears: no, the server does not know this session any more
        ",
    );
}

#[test]
fn so_many_matches_may_be_adjourned() {
    check(
        "
        limit adjourned 1
        (ann> create 3x3)
        (ben> join room 1)
        (ann> offer to adjourn)
        +1s
        (ben> accept)
        (cat> create 3x3)
        (dan> join room 2)
        (cat> offer to adjourn)
        +1s
        dan> accept
            dan hears: no, too many matches are adjourned already
        (dan drops)
        +30s
        cat> claim adjournment
            cat hears: no, too many matches are adjourned already
        cat> claim draw
            cat hears: match 1: cat 0:0 dan (away for 30 s) (1 drawn) | called a draw, since dan stayed away
        ",
    );
}

#[test]
fn so_many_matches_of_one_session_may_be_adjourned() {
    check(
        "
        limit adjourned_per_session 1
        (ann> create 3x3)
        (ben> join room 1)
        (ann> offer to adjourn)
        +1s
        (ben> accept)
        (ann> leave)
        (ann> create 3x3)
        (cat> join room 2)
        (ann> offer to adjourn)
        +1s
        cat> accept
            cat hears: no, too many matches are adjourned already
        ",
    );
}

#[test]
fn who_agreed_to_adjourn_goes_on_only_when_both_want_to() {
    check(
        "
        (ann> create 3x3 clock 30s)
        (ben> join room 1)
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
            ann hears: adjourned are room 1 against ben
        (ben falls silent)
        (ben is heard again)
        ann> go on in room 1
            ann and ben hear: match 1: ann 0:0 ben | adjourned | 30.0 to 30.0, stopped
            ben hears: adjourned are room 1 against ann, who waits there
        ben> go on in room 1
            ann and ben hear: match 1: ann 0:0 ben | ann to move | 30.0 to 30.0, ann's runs in 9 s
            ann hears: nothing of yours is adjourned
            ben hears: nothing of yours is adjourned
        ",
    );
}

#[test]
fn who_was_absent_when_it_was_adjourned_goes_on_with_the_return() {
    check(
        "
        (ann> create 3x3)
        (ben> join room 1)
        (ben drops)
        +30s
        (ann> claim adjournment)
        +100s
        ben returns
            ben hears: you are the guest of room 1
            ann and ben hear: match 1: ann 0:0 ben | ann to move
            ann hears: nothing of yours is adjourned
        ",
    );
}

#[test]
fn an_adjourned_match_can_be_resigned_from_within() {
    check(
        "
        (ann> create 3x3)
        (ben> join room 1)
        (ann> offer to adjourn)
        +1s
        (ben> accept)
        (ben> leave)
        ann> resign
            ann hears: match 1: ann 0:1 ben (gone) | ann has resigned
            ann hears: nothing of yours is adjourned
            ben hears: nothing of yours is adjourned
        ben> join room 1
            ben hears: no, both seats of this room are taken
        ",
    );
}

#[test]
fn an_adjourned_match_is_watched_only_by_others() {
    check(
        "
        (ann> create 3x3)
        (ben> join room 1)
        (ann> offer to adjourn)
        +1s
        (ben> accept)
        (ann> leave)
        ann> watch room 1
            ann hears: you are the host of room 1
            ann and ben hear: match 1: ann 0:0 ben | adjourned
            ben hears: adjourned are room 1 against ann, who waits there
        ",
    );
}

#[test]
fn so_many_matches_of_one_address_may_be_adjourned() {
    check(
        "
        limit adjourned_per_origin 1
        ann comes from 7
        ben comes from 8
        cat comes from 7
        dan comes from 9
        (ann> create 3x3)
        (ben> join room 1)
        (ann> offer to adjourn)
        +1s
        (ben> accept)
        (cat> create 3x3)
        (dan> join room 2)
        (cat> offer to adjourn)
        +1s
        dan> accept
            dan hears: no, too many matches are adjourned already
        ",
    );
}

#[test]
fn who_wants_to_go_on_and_is_silent_for_a_moment_need_not_ask_again() {
    check(
        "
        (ann> create 3x3)
        (ben> join room 1)
        (ann> offer to adjourn)
        +1s
        (ben> accept)
        (ben> go on in room 1)
        (ben falls silent)
        ann> go on in room 1
            ann and ben hear: match 1: ann 0:0 ben (silent for 3 s) | adjourned
            ben hears: adjourned are room 1 against ann, who waits there
        ben is heard again
            ann and ben hear: match 1: ann 0:0 ben | ann to move
            ann hears: nothing of yours is adjourned
            ben hears: nothing of yours is adjourned
        ",
    );
}

#[test]
fn a_claimed_adjournment_ends_an_offer() {
    check(
        "
        (ann> create 3x3)
        (ben> join room 1)
        (ben falls silent)
        +20s
        (ann> offer a draw)
        +10s
        ann> claim adjournment
            ann and ben hear: match 1: ann 0:0 ben (silent for 33 s) | adjourned
            ann hears: adjourned are room 1 against ben
            ben hears: adjourned are room 1 against ann, who waits there
        ",
    );
}

#[test]
fn nothing_is_kept_for_who_has_left_when_the_other_resigns() {
    check(
        "
        (ann> create 3x3)
        (ben> join room 1)
        (ann> offer to adjourn)
        +1s
        (ben> accept)
        (ben> leave)
        (ben quits)
        there are 2 sessions and 1 room
        ann> resign
            ann hears: match 1: ann 0:1 ben (gone) | ann has resigned
            ann hears: nothing of yours is adjourned
        there are 1 sessions and 1 room
        ann> rematch
            ann hears: no, the other player has left
        ",
    );
}
