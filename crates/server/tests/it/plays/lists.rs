//! The list of rooms.

use crate::test_harness::check;

#[test]
fn the_list_of_rooms_is_live_and_newest_first() {
    check(
        "
        eve> browse
            eve hears: no rooms
        ann> create 3x3 best of 3 clock 30s
            ann hears: you are the host of room 1
            ann hears: match 1: ann 0:0 nobody | waiting | 30.0 to 30.0, stopped
        +5s
            eve hears: rooms 1 to 1 of 1: room 1, ann waits, 3x3 best of 3 clock 30s, for 1 s
        ben> create 5x5:4
            ben hears: you are the host of room 2
            ben hears: match 1: ben 0:0 nobody | waiting
        +1s
            eve hears: rooms 1 to 2 of 2: room 2, ben waits, 5x5:4, for 0 s; room 1, ann waits, 3x3 best of 3 clock 30s, for 5 s
        cat> join room 2
            cat hears: you are the guest of room 2
            ben and cat hear: match 1: ben 0:0 cat | ben to move
        (dan> create 3x3 passcode 1234)
        (fay> create 3x3 hidden)
        +1s
            eve hears: rooms 1 to 3 of 3: room 3, dan waits, 3x3, locked, for 1 s; room 1, ann waits, 3x3 best of 3 clock 30s, for 7 s; room 2, ben against cat, 5x5:4, for 1 s
        # Moves are no news to the list; a watcher is, and an end.
        ben> play a1
            ben and cat hear: match 1: ben 0:0 cat | 1 | cat to move
        +1s
        (gus> watch room 2)
        +1s
            eve hears: rooms 1 to 3 of 3: room 3, dan waits, 3x3, locked, for 2 s; room 1, ann waits, 3x3 best of 3 clock 30s, for 8 s; room 2, ben against cat, 5x5:4, 1 watching, for 2 s
        (cat> play a2)
        (cat> resign)
        +1s
            eve hears: rooms 1 to 2 of 2: room 3, dan waits, 3x3, locked, for 3 s; room 1, ann waits, 3x3 best of 3 clock 30s, for 9 s
        eve> stop browsing
        (ann> leave)
        +5s
        ",
    );
}

#[test]
fn waiting_rooms_come_first() {
    check(
        "
        (ann> create 3x3)
        (ben> create 3x3)
        (cat> join room 2)
        eve> browse
            eve hears: rooms 1 to 2 of 2: room 1, ann waits, 3x3, for 0 s; room 2, ben against cat, 3x3, for 0 s
        ",
    );
}

#[test]
fn the_list_is_filtered_by_rules() {
    check(
        "
        (ann> create 3x3)
        (ben> create 5x5:4)
        eve> browse 5x5:4
            eve hears: rooms 1 to 1 of 1: room 2, ben waits, 5x5:4, for 0 s
        +1s
        (cat> create 3x3)
        +1s
            eve hears: rooms 1 to 1 of 1: room 2, ben waits, 5x5:4, for 1 s
        (dan> create 5x5:4)
        +1s
            eve hears: rooms 1 to 2 of 2: room 4, dan waits, 5x5:4, for 0 s; room 2, ben waits, 5x5:4, for 2 s
        ",
    );
}

#[test]
fn the_list_changes_at_most_once_a_second() {
    check(
        "
        (eve> browse)
        (ann> create 3x3)
        (ben> create 3x3)
        +1s
            eve hears: rooms 1 to 2 of 2: room 2, ben waits, 3x3, for 1 s; room 1, ann waits, 3x3, for 1 s
        (cat> create 3x3)
        (dan> create 3x3)
        +500ms
        +500ms
            eve hears: rooms 1 to 4 of 4: room 4, dan waits, 3x3, for 1 s; room 3, cat waits, 3x3, for 1 s; room 2, ben waits, 3x3, for 2 s; room 1, ann waits, 3x3, for 2 s
        ",
    );
}

#[test]
fn the_list_comes_in_parts_and_is_bounded() {
    check(
        "
        limit rooms_listed 7
        (a1> create 3x3)
        (a2> create 3x3)
        (a3> create 3x3)
        (a4> create 3x3)
        (a5> create 3x3)
        (a6> create 3x3)
        (a7> create 3x3)
        (a8> create 3x3)
        eve> browse
            eve hears: rooms 1 to 6 of 7: room 8, a8 waits, 3x3, for 0 s; room 7, a7 waits, 3x3, for 0 s; room 6, a6 waits, 3x3, for 0 s; room 5, a5 waits, 3x3, for 0 s; room 4, a4 waits, 3x3, for 0 s; room 3, a3 waits, 3x3, for 0 s
            eve hears: rooms 7 to 7 of 7: room 2, a2 waits, 3x3, for 0 s
        ",
    );
}

#[test]
fn a_list_examines_a_limited_number_of_rooms() {
    check(
        "
        limit rooms_searched 2
        (ann> create 5x5:4)
        (ben> create 3x3)
        (cat> create 3x3)
        eve> browse 5x5:4
            eve hears: no rooms
        ",
    );
}

#[test]
fn browsers_have_a_limit() {
    check(
        "
        limit browsers 1
        (ann> browse)
        ben> browse
            ben hears: rejected, too many players are browsing the rooms already
        (ann> create 3x3)
        ben> browse
            ben hears: rooms 1 to 1 of 1: room 1, ann waits, 3x3, for 0 s
        ann> browse
            ann hears: rejected, you are in a room already
        ",
    );
}

#[test]
fn browsing_again_does_not_bring_the_list_sooner() {
    check(
        "
        eve> browse
            eve hears: no rooms
        eve> browse
        eve> browse 3x3
        +1s
            eve hears: no rooms
        ",
    );
}

#[test]
fn stopping_and_browsing_again_does_not_bring_the_list_sooner() {
    check(
        "
        eve> browse
            eve hears: no rooms
        eve> stop browsing
        eve> browse
        (ann> create 3x3)
        +500ms
        eve> stop browsing
        eve> browse
        +500ms
            eve hears: rooms 1 to 1 of 1: room 1, ann waits, 3x3, for 1 s
        eve returns
        eve> browse
        +1s
            eve hears: rooms 1 to 1 of 1: room 1, ann waits, 3x3, for 2 s
        ",
    );
}

#[test]
fn browsing_again_does_not_send_the_list_to_others() {
    check(
        "
        (eve> browse)
        (fay> browse)
        +1s
        (ann> create 3x3)
        +500ms
            eve and fay hear: rooms 1 to 1 of 1: room 1, ann waits, 3x3, for 0 s
        eve> browse
        +500ms
            eve hears: rooms 1 to 1 of 1: room 1, ann waits, 3x3, for 1 s
        +1s
        ",
    );
}

#[test]
fn a_return_ends_browsing() {
    check(
        "
        (eve> browse)
        eve returns
        (ann> create 3x3)
        +2s
        ",
    );
}

#[test]
fn a_room_whose_host_has_no_link_is_on_no_list() {
    check(
        "
        (ann> create 3x3)
        (eve> browse)
        (ann drops)
        +1s
            eve hears: no rooms
        ben> quick match
            ben hears: you are the host of room 2
            ben hears: match 1: ben 0:0 nobody | waiting
        (ben> leave)
        (ann returns)
        +1s
            eve hears: rooms 1 to 1 of 1: room 1, ann waits, 3x3, for 2 s
        ",
    );
}
