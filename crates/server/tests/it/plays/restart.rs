//! A server that dies, and another one that starts from what was kept.

use crate::test_harness::check;

#[test]
fn a_match_goes_on_where_it_was_and_the_clocks_stood() {
    check(
        "
        (ann and ben play 3x3 clock 5m+3s)
        there are 0 rooms and 0 matches kept
        (ann> play 5)
        there are 0 rooms and 0 matches kept
        +20s
        (ben> play 7)
        there is 1 room and 0 matches kept
        +12s
        ann> play 3
            ann and ben hear: match 1: ann 0:0 ben | 5 7 3 | ben to move | 294.0 to 293.0, ben's clock runs
        +7s
        the server dies
        there are 2 sessions and 1 room
        +20s
        ben returns
            ben hears: you are the guest of room 1
            ben hears: match 1: ann (away for 0 s) 0:0 ben | 5 7 3 | paused, ben to move | 294.0 to 293.0, stopped | ben may claim in 40 s
        +10s
        ann returns
            ann hears: you are the host of room 1
            ann and ben hear: match 1: ann 0:0 ben | 5 7 3 | ben to move | 294.0 to 293.0, ben's clock runs
        +5s
        ben> play 9
            ann and ben hear: match 1: ann 0:0 ben | 5 7 3 9 | ann to move | 294.0 to 291.0, ann's clock runs
        ",
    );
}

#[test]
fn a_match_on_trial_does_not_outlive_the_server() {
    check(
        "
        (ann and ben play 3x3: 5)
        there are 0 rooms and 0 matches kept
        the server dies
        nothing is left
        ann returns
            ann hears: refused, the server does not know this session any more
        ",
    );
}

#[test]
fn a_takeback_stays_taken_back_with_its_time() {
    check(
        "
        (ann and ben play 3x3 clock 30s: 5)
        +12s
        (ben> play 7)
        +10s
        (ann> play 3)
        +3s
        (ann> ask for a takeback)
        +2s
        ben> accept
            ann and ben hear: match 1: ann 0:0 ben | 5 7 | ann to move | 30.0 to 30.0, ann's clock runs
        +4s
        the server dies
        (ann returns)
        ben returns
            ben hears: you are the guest of room 1
            ann and ben hear: match 1: ann 0:0 ben | 5 7 | ann to move | 30.0 to 30.0, ann's clock runs
        ann> play 3 as move 3 before the takeback
            ann hears: rejected, the game has moved on
        ann> play 9
            ann and ben hear: match 1: ann 0:0 ben | 5 7 9 | ben to move | 30.0 to 30.0, ben's clock runs
        (ann> ask for a takeback)
        +2s
        ben> accept
            ann and ben hear: match 1: ann 0:0 ben | 5 7 | ann to move | 30.0 to 30.0, ann's clock runs
        ",
    );
}

#[test]
fn an_adjourned_match_awaits_both_in_another_server() {
    check(
        "
        (ann and ben play 3x3 clock 30s: 5)
        +12s
        (ann> offer to adjourn)
        +2s
        (ben> accept)
        (ann> leave)
        there is 1 room and 0 matches kept
        the server dies
        there are 2 sessions and 1 room
        +60m
        ann returns
            ann hears: adjourned: room 1 against ben
        ben returns
            ben hears: you are the guest of room 1
            ben hears: match 1: ann (away for 3600 s) 0:0 ben | 5 | adjourned | 30.0 to 26.0, stopped
            ben hears: adjourned: room 1 against ann
        ann> continue in room 1
            ann hears: you are the host of room 1
            ann and ben hear: match 1: ann 0:0 ben | 5 | adjourned | 30.0 to 26.0, stopped
            ben hears: adjourned: room 1 against ann, who is waiting
        ben> continue in room 1
            ann and ben hear: match 1: ann 0:0 ben | 5 | ben to move | 30.0 to 26.0, ben's clock runs
            ann hears: no adjourned matches
            ben hears: no adjourned matches
        # On trial again, as before.
        there are 0 rooms and 0 matches kept
        ",
    );
}

#[test]
fn the_return_of_a_player_who_missed_the_adjournment_continues_it() {
    check(
        "
        (ann and ben play 3x3: 7 3)
        (ben drops)
        +31s
        (ann> claim adjournment)
        the server dies
        (ann returns)
        ann> continue in room 1
            ann hears: match 1: ann 0:0 ben (away for 0 s) | 7 3 | adjourned
        ben returns
            ben hears: you are the guest of room 1
            ann and ben hear: match 1: ann 0:0 ben | 7 3 | ann to move
            ann hears: no adjourned matches
        ",
    );
}

#[test]
fn between_two_matches_the_score_and_the_seats_are_kept_until_somebody_leaves() {
    check(
        "
        (ann and ben play 3x3 best of 3: 5 7)
        ann> resign
            ann and ben hear: match 1: ann 0:1 ben | 5 7 | ann resigned
        there is 1 room and 1 match kept
        # The wish for a rematch is gone with the server.
        (ben> rematch)
        the server dies
        (ann returns)
        ben returns
            ben hears: you are the guest of room 1
            ann and ben hear: match 1: ann 0:1 ben | 5 7 | ann resigned
        (ann> rematch)
        ben> rematch
            ann and ben hear: match 2: ann 0:1 ben | ben to move
        (ben> play 5)
        the server dies
        (ann returns)
        ben returns
            ben hears: you are the guest of room 1
            ann and ben hear: match 2: ann 0:1 ben | 5 | ann to move
        there is 1 room and 1 match kept
        (ben> resign)
        there is 1 room and 2 matches kept
        ann> leave
            ann hears: you have left
            ben hears: match 2: ann (gone) 1:1 ben | 5 | ben resigned
        there are 0 rooms and 2 matches kept
        ",
    );
}

#[test]
fn tokens_outlive_the_server_and_the_earlier_one_until_its_successor_has_arrived() {
    check(
        "
        (ann and ben play 3x3: 5 7)
        (ann drops)
        (ann returns)
        (ann does not hear of the new token)
        the server dies
        ann returns
            ann hears: you are the host of room 1
            ann hears: match 1: ann 0:0 ben (away for 0 s) | 5 7 | paused, ann to move | ann may claim in 60 s
        (ann> play 3)
        the server dies
        ann returns with the token from before
            ann hears: refused, the server does not know this session any more
        ann returns with ann's session and a wrong secret
            ann hears: refused, the server does not know this session any more
        ann returns
            ann hears: you are the host of room 1
            ann hears: match 1: ann 0:0 ben (away for 0 s) | 5 7 | paused, ann to move | ann may claim in 60 s
        # Others know nothing of it, and get numbers of their own.
        cat comes as ann
            cat hears: you are called ann 2
        cat> create 3x3
            cat hears: you are the host of room 2
            cat hears: match 1: ann 2 0:0 nobody | waiting
        ",
    );
}

#[test]
fn absences_count_anew_after_everybody_had_time_to_return() {
    check(
        "
        limit absence_per_match 20s
        (ann and ben play 3x3: 5 7)
        (ben drops)
        +20s
        (ben returns)
        the server dies
        ann returns
            ann hears: you are the host of room 1
            ann hears: match 1: ann 0:0 ben (away for 0 s) | 5 7 | paused, ann to move | ann may claim in 30 s
        +29s
        ann> claim win
            ann hears: rejected, it is too early to claim: the seat is still kept
        +1s
        ann> claim win
            ann hears: match 1: ann 1:0 ben (away for 0 s) | 5 7 | won, because ben stayed away
        there is 1 room and 1 match kept
        ",
    );
}

#[test]
fn nobody_comes_back_and_the_room_ends() {
    check(
        "
        (ann> create 3x3 passcode fern)
        (ben> join room 1 with fern)
        (ann> play 5)
        (ben> play 7)
        the server dies
        cat> watch room 1 with moss
            cat hears: rejected, that is not the passcode
        cat> watch room 1 with fern
            cat hears: you watch room 1
            cat hears: match 1: ann (away for 0 s) 0:0 ben (away for 0 s) | 5 7 | paused, ann to move | locked | 1 watching
        (cat> leave)
        +90s
        there are 0 rooms and 0 matches kept
        ",
    );
}

#[test]
fn offers_after_a_start_are_numbered_on() {
    check(
        "
        (ann and ben play 3x3: 5 7)
        (ann> offer a draw)
        the server dies
        (ann returns)
        ben returns
            ben hears: you are the guest of room 1
            ann and ben hear: match 1: ann 0:0 ben | 5 7 | ann to move
        ben> accept
            ben hears: rejected, that offer is gone
        (ben> offer a draw)
        +2s
        ann> accept
            ann and ben hear: match 1: ann 0:0 ben (1 drawn) | 5 7 | a draw by agreement
        there is 1 room and 1 match kept
        ",
    );
}
