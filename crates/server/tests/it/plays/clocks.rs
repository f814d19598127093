//! Clocks, flags and the credit for delay.

use crate::test_harness::check;

#[test]
fn the_clock_of_the_side_to_move_runs() {
    check(
        "
        (ann> create 3x3 clock 30s)
        ben> join room 1
            ben hears: you are the guest of room 1
            ann and ben hear: match 1: ann 0:0 ben | ann to move | 30.0 to 30.0, ann's clock starts in 10 s
        # The first move of each has a grace of ten seconds.
        +4s
        ann> play 5
            ann and ben hear: match 1: ann 0:0 ben | 5 | ben to move | 30.0 to 30.0, ben's clock starts in 10 s
        +15s
        ben> play 1
            ann and ben hear: match 1: ann 0:0 ben | 5 1 | ann to move | 30.0 to 30.0, ann's clock runs
        +12s
        ann> play 7
            ann and ben hear: match 1: ann 0:0 ben | 5 1 7 | ben to move | 30.0 to 30.0, ben's clock runs
        +2s
        ben> play 2
            ann and ben hear: match 1: ann 0:0 ben | 5 1 7 2 | ann to move | 30.0 to 30.0, ann's clock runs
        ",
    );
}

#[test]
fn fischer_adds_after_each_move() {
    check(
        "
        (ann and ben play 3x3 clock 1m+3s)
        +25s
        ann> play 5
            ann and ben hear: match 1: ann 0:0 ben | 5 | ben to move | 48.0 to 60.0, ben's clock starts in 10 s
        +12s
        ben> play 1
            ann and ben hear: match 1: ann 0:0 ben | 5 1 | ann to move | 48.0 to 61.0, ann's clock runs
        +10s
        ann> play 7
            ann and ben hear: match 1: ann 0:0 ben | 5 1 7 | ben to move | 41.0 to 61.0, ben's clock runs
        ",
    );
}

#[test]
fn running_out_of_time_loses() {
    check(
        "
        (ann and ben play 3x3 clock 30s: 5 1)
        +29s
        +1s
            ann and ben hear: match 1: ann 0:1 ben | 5 1 | ann ran out of time | 0.0 to 30.0, stopped
        ann> play 7
            ann hears: rejected, no match is running
        ",
    );
}

#[test]
fn a_move_before_the_flag_counts_and_the_flag_does_not_fall() {
    check(
        "
        (ann and ben play 3x3 clock 30s: 5 1)
        +29900ms
        ann> play 7
            ann and ben hear: match 1: ann 0:0 ben | 5 1 7 | ben to move | 30.0 to 30.0, ben's clock runs
        +29900ms
        ben> play 2
            ann and ben hear: match 1: ann 0:0 ben | 5 1 7 2 | ann to move | 30.0 to 30.0, ann's clock runs
        ",
    );
}

#[test]
fn the_grace_of_a_first_move_ends_and_the_clock_runs_out() {
    check(
        "
        (ann and ben play 3x3 clock 5s)
        +14900ms
        ann> play 5
            ann and ben hear: match 1: ann 0:0 ben | 5 | ben to move | 5.0 to 5.0, ben's clock starts in 10 s
        +15s
            ann and ben hear: match 1: ann 1:0 ben | 5 | ben ran out of time | 5.0 to 0.0, stopped
        ",
    );
}

#[test]
fn a_flag_does_not_fall_while_anybody_is_absent() {
    check(
        "
        (ann and ben play 3x3 clock 10s: 5 1)
        +4s
        ann drops
            ben hears: match 1: ann (away for 0 s) 0:0 ben | 5 1 | paused, ann to move | 6.0 to 10.0, stopped | ben may claim in 30 s
        +29s
        ann returns
            ann hears: you are the host of room 1
            ann and ben hear: match 1: ann 0:0 ben | 5 1 | ann to move | 6.0 to 10.0, ann's clock runs
        +5s
        ben drops
            ann hears: match 1: ann 0:0 ben (away for 0 s) | 5 1 | paused, ann to move | 1.0 to 10.0, stopped | ann may claim in 30 s
        +20s
        ben returns
            ben hears: you are the guest of room 1
            ann and ben hear: match 1: ann 0:0 ben | 5 1 | ann to move | 1.0 to 10.0, ann's clock runs
        +900ms
        ann> play 7
            ann and ben hear: match 1: ann 0:0 ben | 5 1 7 | ben to move | 10.0 to 10.0, ben's clock runs
        ",
    );
}

#[test]
fn the_networks_delay_is_credited_from_what_the_server_measured() {
    check(
        "
        limit lag_per_match 1s
        (ann and ben play 3x3 clock 1m+0s)
        (ann has a round trip of 400ms)
        (ann> play 5)
        (ben> play 1)
        +10400ms
        # Ten seconds of thinking and a round trip.
        ann> play 7
            ann and ben hear: match 1: ann 0:0 ben | 5 1 7 | ben to move | 50.0 to 60.0, ben's clock runs
        (ben> play 3)
        +10400ms
        ann> play 2
            ann and ben hear: match 1: ann 0:0 ben | 5 1 7 3 2 | ben to move | 40.0 to 60.0, ben's clock runs
        (ben> play 8)
        +10400ms
        # Of the second for the match a fifth is left.
        ann> play 4
            ann and ben hear: match 1: ann 0:0 ben | 5 1 7 3 2 8 4 | ben to move | 29.8 to 60.0, ben's clock runs
        ",
    );
}

#[test]
fn the_flag_waits_for_a_move_that_may_be_on_its_way() {
    check(
        "
        (ann and ben play 3x3 clock 10s: 5 1 7)
        (ben has a round trip of 9s)
        (ben> play 3)
        (ann> play 2)
        # No more than half a second, however slow the line seems.
        +10400ms
        ben> play 8
            ann and ben hear: match 1: ann 0:0 ben | 5 1 7 3 2 8 | ann to move | 10.0 to 10.0, ann's clock runs
        (ann> play 4)
        +10s
        +500ms
            ann and ben hear: match 1: ann 1:0 ben | 5 1 7 3 2 8 4 | ben ran out of time | 10.0 to 0.0, stopped
        ",
    );
}

#[test]
fn a_game_without_clocks_never_ends_by_time() {
    check(
        "
        (ann and ben play 3x3)
        +600m
        ann> play 5
            ann and ben hear: match 1: ann 0:0 ben | 5 | ben to move
        ",
    );
}

#[test]
fn a_move_after_the_flag_is_late_even_if_nobody_has_looked_at_the_clock() {
    check(
        "
        (ann and ben play 3x3 clock 30s: 5 1)
        +30s while the server is busy
        ann> play 7
            ann and ben hear: match 1: ann 0:1 ben | 5 1 | ann ran out of time | 0.0 to 30.0, stopped
            ann hears: rejected, no match is running
        ",
    );
}

#[test]
fn a_loss_of_the_link_does_not_save_who_is_out_of_time() {
    check(
        "
        (ann and ben play 3x3 clock 30s: 5 1)
        +31s while the server is busy
        ann drops
            ann and ben hear: match 1: ann 0:1 ben | 5 1 | ann ran out of time | 0.0 to 30.0, stopped
            ben hears: match 1: ann (away for 0 s) 0:1 ben | 5 1 | ann ran out of time | 0.0 to 30.0, stopped
        ",
    );
}

#[test]
fn each_side_has_a_grace_for_its_first_move_whatever_is_taken_back() {
    check(
        "
        (ann and ben play 3x3 clock 30s: 5)
        (ann> ask for a takeback)
        +1s
        ben> accept
            ann and ben hear: match 1: ann 0:0 ben | ann to move | 30.0 to 30.0, ann's clock runs
        +2s
        ann> play 7
            ann and ben hear: match 1: ann 0:0 ben | 7 | ben to move | 30.0 to 30.0, ben's clock starts in 10 s
        +12s
        ben> play 1
            ann and ben hear: match 1: ann 0:0 ben | 7 1 | ann to move | 30.0 to 30.0, ann's clock runs
        ",
    );
}

#[test]
fn a_new_link_is_credited_nothing_for_the_delay_of_the_old_one() {
    check(
        "
        (ann and ben play 3x3 clock 1m+0s)
        (ann has a round trip of 400ms)
        (ann> play 5)
        (ann drops)
        (ann returns)
        (ben> play 1)
        +10s
        ann> play 7
            ann and ben hear: match 1: ann 0:0 ben | 5 1 7 | ben to move | 50.0 to 60.0, ben's clock runs
        ",
    );
}
