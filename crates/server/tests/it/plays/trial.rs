//! Guests who go before both players have moved, and players who are blocked.

use crate::test_harness::check;

#[test]
fn a_room_waits_again_after_a_guest_who_leaves_before_both_have_moved() {
    check(
        "
        (ann> create 3x3 best of 3 clock 30s)
        (ben> quick match)
        (ann> play 5)
        ben> leave
            ben hears: you have left
            ann hears: match 2: ann 0:0 nobody | waiting | 30.0 to 30.0, stopped
        eve> browse
            eve hears: rooms 1 to 1 of 1: room 1, ann waits, 3x3 best of 3 clock 30s, for 0 s
        # A move for the first guest is not taken for one against the next.
        (cat> join room 1)
        ann> play 5 in match 1
            ann hears: rejected, that was meant for another match
        ann> play 5
            ann and cat hear: match 2: ann 0:0 cat | 5 | cat to move | 30.0 to 30.0, cat's clock starts in 10 s
        ",
    );
}

#[test]
fn a_takeback_is_no_move_of_the_guest() {
    check(
        "
        (ann and ben play 3x3: 5)
        (ann> ask for a takeback)
        +2s
        (ben> accept)
        (ann> play 7)
        ben> resign
            ben hears: you have left
            ann hears: match 2: ann 0:0 nobody | waiting
        ",
    );
}

#[test]
fn resigning_and_a_goodbye_are_leaving_before_both_have_moved() {
    check(
        "
        (ann and ben play 3x3: 5)
        ben> resign
            ben hears: you have left
            ann hears: match 2: ann 0:0 nobody | waiting
        (ben> join room 1)
        ben quits
            ann hears: match 3: ann 0:0 nobody | waiting
        # The host's seat is another matter: there is somebody who waits.
        (cat> join room 1)
        ann> leave
            ann hears: rejected, a match is running; resign it first
        ann> resign
            ann and cat hear: match 3: ann 0:1 cat | ann resigned
        ",
    );
}

#[test]
fn a_guest_who_is_lost_before_both_have_moved_is_waited_for_ten_seconds() {
    check(
        "
        (ann and ben play 3x3)
        ben drops
            ann hears: match 1: ann 0:0 ben (away for 0 s) | paused, ann to move
        ann> claim win
            ann hears: rejected, it is too early to claim: the seat is still kept
        +9s
        ben returns
            ben hears: you are the guest of room 1
            ann and ben hear: match 1: ann 0:0 ben | ann to move
        (ben drops)
        +10s
            ann hears: match 2: ann 0:0 nobody | waiting
        there are 1 sessions and 1 room
        ben returns
            ben hears: refused, the server does not know this session any more
        ",
    );
}

#[test]
fn once_both_have_moved_a_guest_has_to_resign() {
    check(
        "
        (ann and ben play 3x3: 5 1)
        ben> leave
            ben hears: rejected, a match is running; resign it first
        # A takeback does not undo it.
        (ben> ask for a takeback)
        +1s
        (ann> accept)
        ben> leave
            ben hears: rejected, a match is running; resign it first
        ben> resign
            ann and ben hear: match 1: ann 1:0 ben | 5 | ben resigned
        # Nor does the next match begin a new trial.
        (ann> rematch)
        (ben> rematch)
        ben> leave
            ben hears: rejected, a match is running; resign it first
        ",
    );
}

#[test]
fn a_guest_who_has_left_is_not_led_there_again() {
    check(
        "
        (ann> create 3x3)
        (ben> quick match)
        (ben> leave)
        ben> quick match
            ben hears: you are the host of room 2
            ben hears: match 1: ben 0:0 nobody | waiting
        (ben> leave)
        # Nor under a new session of the same name from the same address; by the code they may come.
        ben quits
        ben2 comes as ben from 1
        (ben2> quick match)
        (ben2> leave)
        ben2> join room 1
            ben2 hears: you are the guest of room 1
            ann and ben2 hear: match 2: ann 0:0 ben | ann to move
        (ben2> leave)
        cat> quick match
            cat hears: you are the guest of room 1
            ann and cat hear: match 3: ann 0:0 cat | ann to move | chat off
        ",
    );
}

#[test]
fn three_who_left_stand_for_their_address() {
    check(
        "
        (ann> create 3x3)
        b1 comes from 77
        (b1> quick match)
        (b1> leave)
        b2 comes from 77
        (b2> quick match)
        (b2> leave)
        b3 comes from 77
        (b3> quick match)
        (b3> leave)
        b4 comes from 77
        b4> quick match
            b4 hears: you are the host of room 2
            b4 hears: match 1: b4 0:0 nobody | waiting
        cat> quick match
            cat hears: you are the guest of room 1
            ann and cat hear: match 4: ann 0:0 cat | ann to move | chat off
        ",
    );
}

#[test]
fn who_is_blocked_can_neither_join_nor_watch_nor_be_led() {
    check(
        "
        (ann and ben play 3x3: 5)
        ann> block the other
            ann hears: match 1: ann 0:0 ben | 5 | ben to move
            ben hears: you are blocked
            ann hears: match 2: ann 0:0 nobody | waiting
        ben> join room 1
            ben hears: rejected, this room is closed to you
        ben> watch room 1
            ben hears: rejected, this room is closed to you
        # It holds for every room that Ann opens, and for a new session of that name from that address.
        (ann> leave)
        (ann> create 3x3)
        ben quits
        ben2 comes as ben from 1
        ben2> join room 2
            ben2 hears: rejected, this room is closed to you
        ben2> quick match
            ben2 hears: you are the host of room 3
            ben2 hears: match 1: ben 0:0 nobody | waiting
        # Ann is not led to Ben either.
        (ann> leave)
        ann> quick match
            ann hears: you are the host of room 4
            ann hears: match 1: ann 0:0 nobody | waiting
        cat> join room 4
            cat hears: you are the guest of room 4
            ann and cat hear: match 1: ann 0:0 cat | ann to move
        ",
    );
}

#[test]
fn a_match_at_stake_goes_on_with_somebody_who_is_blocked() {
    check(
        "
        (ann and ben play 3x3: 5 1)
        ben> block the other
            ben hears: match 1: ann 0:0 ben | 5 1 | ann to move
        ann> block the other
            ann hears: match 1: ann 0:0 ben | 5 1 | ann to move
        (ann> resign)
        (ben> leave)
        ben> join room 1
            ben hears: rejected, both seats of this room are taken
        ben> watch room 1
            ben hears: rejected, this room is closed to you
        # After the end of it, a slip is undone.
        (ann> unblock the other)
        ben> watch room 1
            ben hears: you watch room 1
            ann and ben hear: match 1: ann 0:1 ben (gone) | 5 1 | ann resigned | 1 watching
        (ben> leave)
        (ben> create 3x3)
        (ann> leave)
        ann> join room 2
            ann hears: rejected, this room is closed to you
        ",
    );
}

#[test]
fn nobody_is_blocked_where_nobody_was() {
    check(
        "
        (ann> create 3x3)
        ann> block the other
            ann hears: match 1: ann 0:0 nobody | waiting
        ben> join room 1
            ben hears: you are the guest of room 1
            ann and ben hear: match 1: ann 0:0 ben | ann to move
        (ben> leave)
        # The one who has just left can still be blocked.
        ann> block the other
            ann hears: match 2: ann 0:0 nobody | waiting
        ben> join room 1
            ben hears: rejected, this room is closed to you
        ",
    );
}
