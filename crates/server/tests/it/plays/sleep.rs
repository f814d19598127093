//! A server that did not run for a time.

use crate::test_harness::check;

#[test]
fn a_sleep_of_the_server_is_nobodys_absence() {
    check(
        "
        (ann and ben play 3x3: 7 3)
        (ben drops)
        +25s
        the server sleeps for 45s
            ann hears: match 1: ann 0:0 ben (away for 0 s) | 7 3 | paused, ann to move | ann may claim in 60 s
        +59s
        ann> claim win
            ann hears: rejected, it is too early to claim: the seat is still kept
        ben returns
            ben hears: you are the guest of room 1
            ann and ben hear: match 1: ann 0:0 ben | 7 3 | ann to move
        ",
    );
}

#[test]
fn an_absence_that_begins_right_after_a_sleep_counts_when_there_was_time_to_return() {
    check(
        "
        (ann and ben play 3x3: 7 3)
        (the server sleeps for 45s)
        +5s
        ben drops
            ann hears: match 1: ann 0:0 ben (away for 0 s) | 7 3 | paused, ann to move | ann may claim in 55 s
        # An absence that begins later is like any other.
        (ben returns)
        +60s
        ben drops
            ann hears: match 1: ann 0:0 ben (away for 0 s) | 7 3 | paused, ann to move | ann may claim in 30 s
        ",
    );
}

#[test]
fn no_clock_runs_while_the_server_sleeps() {
    check(
        "
        (ann and ben play 3x3 clock 30s: 7 3)
        +10s
        the server sleeps for 45s
            ann and ben hear: match 1: ann 0:0 ben | 7 3 | ann to move | 20.0 to 30.0, ann's clock runs
        +19s
        ann> play 5
            ann and ben hear: match 1: ann 0:0 ben | 7 3 5 | ben to move | 30.0 to 30.0, ben's clock runs
        ",
    );
}

#[test]
fn a_room_of_two_who_are_away_outlives_a_sleep() {
    check(
        "
        (ann and ben play 3x3: 7 3)
        (ann drops)
        (ben drops)
        +10s
        the server sleeps for 600s
        +50s
        ann returns
            ann hears: you are the host of room 1
            ann hears: match 1: ann 0:0 ben (away for 20 s) | 7 3 | paused, ann to move | ann may claim in 30 s
        ",
    );
}
