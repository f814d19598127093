//! Shares of addresses: who gives way when everything is taken.

use crate::test_harness::check;

#[test]
fn an_address_has_a_quarter_of_the_sessions() {
    check(
        "
        limit sessions 8
        a1 comes from 7
        a2 comes from 7
        a3 comes from 7
            a3 hears: refused, your address uses as much of this server as it may
        ben comes from 8
        there are 3 sessions and 0 rooms
        # Whoever returns is never refused.
        (a1> create 3x3)
        (a1 drops)
        (a2> create 3x3)
        (a2 drops)
        a1 returns
            a1 hears: you are the host of room 1
            a1 hears: match 1: a1 0:0 nobody | waiting
        ",
    );
}

#[test]
fn sessions_that_were_cut_off_give_way_before_anything_else() {
    check(
        "
        limit sessions 2
        (a1> create 3x3)
        (a2> join room 1)
        (a1 drops)
        (a2 drops)
        ben comes
            a1 has to go
        there are 1 sessions and 0 rooms
        ben> create 3x3
            ben hears: you are the host of room 2
            ben hears: match 1: ben 0:0 nobody | waiting
        ",
    );
}

#[test]
fn who_has_many_sessions_gives_way_to_who_has_few() {
    check(
        "
        limit sessions 4
        limit percent_per_origin 100
        a1 comes from 7
        a2 comes from 7
        a3 comes from 7
        a4 comes from 7
        (a1> create 3x3)
        (a2> join room 1)
        (a1> play 5)
        (a2> play 1)
        # Idle ones first, and of those the one that has done nothing for longest.
        +1s
        (a3> browse)
        ben comes from 8
            a4 has to go
        cat comes from 9
            a3 has to go
        # Nobody gives way to somebody who would then have as much.
        dan comes from 8
            dan hears: refused, the server is full
        # A match at stake is the last to go, and the other player can claim it.
        eve comes from 10
            a1 has to go
            a2 hears: match 1: a1 (left 0 s ago) 0:0 a2 | 5 1 | paused, a1 to move | a2 may claim in 10 s
        +10s
        a2> claim win
            a2 hears: match 1: a1 (left 10 s ago) 0:1 a2 | 5 1 | won, because a1 stayed away
        ",
    );
}

#[test]
fn rooms_are_shared_likewise() {
    check(
        "
        limit rooms 4
        a1 comes from 7
        a2 comes from 7
        a3 comes from 7
        b1 comes from 8
        (a1> create 3x3)
        (a2> create 3x3)
        a3> create 3x3
            a3 hears: rejected, your address uses as much of this server as it may
        a3> quick match
            a3 hears: you are the guest of room 1
            a1 and a3 hear: match 1: a1 0:0 a3 | a1 to move | chat off
        (b1> create 3x3)
        c1 comes from 9
        (c1> create 3x3)
        # All rooms are taken: the one that waits goes, of those whose address has most.
        d1 comes from 10
        d1> create 3x3
            a2 hears: the room is closed
            d1 hears: you are the host of room 5
            d1 hears: match 1: d1 0:0 nobody | waiting
        e1 comes from 11
        e1> create 3x3
            e1 hears: rejected, the server has no room for another game
        ",
    );
}

#[test]
fn places_for_watchers_are_shared_likewise() {
    check(
        "
        limit watchers_per_room 3
        (ann> create 3x3)
        w1 comes from 7
        w2 comes from 7
        w3 comes from 7
        (w1> watch room 1)
        (w2> watch room 1)
        w3> watch room 1
            w3 hears: rejected, your address uses as much of this server as it may
        x1 comes from 8
        (x1> watch room 1)
        y1 comes from 9
        y1> watch room 1
            w1 hears: your place has gone to another watcher
            y1 hears: you watch room 1
            ann and w2 and x1 and y1 hear: match 1: ann 0:0 nobody | waiting | 3 watching
        z1 comes from 10
        z1> watch room 1
            z1 hears: rejected, this room cannot take another watcher
        ",
    );
}

#[test]
fn adjourned_matches_are_shared_likewise() {
    check(
        "
        limit adjourned 2
        a1 comes from 7
        a2 comes from 7
        (a1> create 3x3)
        (a2> join room 1)
        (a1> offer to adjourn)
        +1s
        (a2> accept)
        (a1> leave)
        (a2> leave)
        (a1> create 3x3)
        (a2> join room 2)
        (a1> offer to adjourn)
        +1s
        (a2> accept)
        b1 comes from 8
        b2 comes from 9
        (b1> create 3x3)
        (b2> join room 3)
        (b1> offer to adjourn)
        +1s
        b2> accept
            b1 and b2 hear: match 1: b1 0:0 b2 | adjourned
            a1 hears: adjourned: room 2 against a2
            a2 hears: adjourned: room 2 against a1
            b1 hears: adjourned: room 3 against b2
            b2 hears: adjourned: room 3 against b1
        there are 4 sessions and 2 rooms
        ",
    );
}
