//! Watchers, what they see, and the owner's settings for them.

use crate::test_harness::check;

#[test]
fn watchers_see_what_the_players_see_and_follow_into_the_rematch() {
    check(
        "
        (ann and ben play 3x3)
        cat> watch room 1
            cat hears: you watch room 1
            ann and ben and cat hear: match 1: ann 0:0 ben | ann to move | 1 watching
        ann> play 5
            ann and ben and cat hear: match 1: ann 0:0 ben | 5 | ben to move | 1 watching
        (ben> play 1)
        (ben> resign)
        (ann> rematch)
        ben> rematch
            ann and ben and cat hear: match 2: ann 1:0 ben | ben to move | 1 watching
        cat> leave
            cat hears: you have left
            ann and ben hear: match 2: ann 1:0 ben | ben to move
        ben> play 5
            ann and ben hear: match 2: ann 1:0 ben | 5 | ann to move
        ",
    );
}

#[test]
fn watchers_do_not_play() {
    check(
        "
        (ann and ben play 3x3)
        (cat> watch room 1)
        cat> play 5
            cat hears: rejected, you are only watching this room
        cat> resign
            cat hears: rejected, you are only watching this room
        cat> rematch
            cat hears: rejected, you are only watching this room
        cat> offer a draw
            cat hears: rejected, you are only watching this room
        cat> let nobody watch
            cat hears: rejected, you are only watching this room
        cat> join room 1
            cat hears: rejected, you are in a room already
        cat> quick match
            cat hears: rejected, you are in a room already
        ",
    );
}

#[test]
fn a_watcher_is_gone_with_the_link() {
    check(
        "
        (ann> create 3x3)
        (cat> watch room 1)
        cat drops
            ann hears: match 1: ann 0:0 nobody | waiting
        there are 1 sessions and 1 room
        ",
    );
}

#[test]
fn a_room_has_room_for_so_many_watchers() {
    check(
        "
        limit watchers_per_room 1
        (ann> create 3x3)
        (cat> watch room 1)
        dan> watch room 1
            dan hears: rejected, this room cannot take another watcher
        (cat> leave)
        dan> watch room 1
            dan hears: you watch room 1
            ann and dan hear: match 1: ann 0:0 nobody | waiting | 1 watching
        ",
    );
}

#[test]
fn the_owner_closes_the_room_to_watchers() {
    check(
        "
        (ann and ben play 3x3)
        (cat> watch room 1)
        ben> let nobody watch
            ben hears: rejected, only the player who opened the room may do that
        ann> let nobody watch
            ann and ben and cat hear: match 1: ann 0:0 ben | ann to move | 1 watching | not watchable
            cat hears: watching is no longer allowed
            ann and ben hear: match 1: ann 0:0 ben | ann to move | not watchable
        cat> watch room 1
            cat hears: rejected, this room is not open to watchers
        ann> let everybody watch
            ann and ben hear: match 1: ann 0:0 ben | ann to move
        cat> watch room 1
            cat hears: you watch room 1
            ann and ben and cat hear: match 1: ann 0:0 ben | ann to move | 1 watching
        ",
    );
}

#[test]
fn a_locked_room_is_watched_by_who_knows_the_passcode() {
    check(
        "
        (ann> create 3x3 passcode 1234)
        cat> watch room 1
            cat hears: rejected, this room needs a passcode
        cat> watch room 1 with 4321
            cat hears: rejected, that is not the passcode
        cat> watch room 1 with 1234
            cat hears: you watch room 1
            ann and cat hear: match 1: ann 0:0 nobody | waiting | locked | 1 watching
        ",
    );
}

#[test]
fn a_hidden_room_is_watched_by_who_knows_the_code() {
    check(
        "
        (ann> create 3x3 hidden)
        cat> watch room 1
            cat hears: you watch room 1
            ann and cat hear: match 1: ann 0:0 nobody | waiting | hidden | 1 watching
        ",
    );
}

#[test]
fn watchers_are_told_that_the_room_has_ended() {
    check(
        "
        (ann> create 3x3)
        (cat> watch room 1)
        ann> leave
            ann hears: you have left
            cat hears: the room is closed
        ",
    );
}

#[test]
fn a_full_room_tells_whether_it_may_be_watched() {
    check(
        "
        (ann and ben play 3x3)
        cat> join room 1
            cat hears: rejected, both seats of this room are taken
        (ann> let nobody watch)
        cat> join room 1
            cat hears: rejected, both seats of this room are taken, and it is not open to watchers
        ",
    );
}
