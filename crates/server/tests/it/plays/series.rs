//! Series of matches.

use crate::test_harness::check;

#[test]
fn a_series_is_won_by_more_than_half_and_draws_do_not_count() {
    check(
        "
        (ann and ben play 3x3 best of 3: 7 3)
        ben> resign
            ann and ben hear: match 1: ann 1:0 ben | 7 3 | ben resigned
        (ann> rematch)
        ben> rematch
            ann and ben hear: match 2: ann 1:0 ben | ben to move
        (ben> offer a draw)
        +1s
        ann> accept
            ann and ben hear: match 2: ann 1:0 ben (1 drawn) | a draw by agreement
        (ann> rematch)
        ben> rematch
            ann and ben hear: match 3: ann 1:0 ben (1 drawn) | ann to move
        ann> resign
            ann and ben hear: match 3: ann 1:1 ben (1 drawn) | ann resigned
        (ann> rematch)
        (ben> rematch)
        ben> resign
            ann and ben hear: match 4: ann 2:1 ben (1 drawn) | ben resigned, and ann wins the series
        ",
    );
}

#[test]
fn after_a_series_a_new_one_begins() {
    check(
        "
        (ann and ben play 3x3 best of 1: 7 3)
        ben> resign
            ann and ben hear: match 1: ann 1:0 ben | 7 3 | ben resigned, and ann wins the series
        (ann> rematch)
        ben> rematch
            ann and ben hear: match 2: ann 0:0 ben | ben to move
        ben> resign
            ann and ben hear: match 2: ann 1:0 ben | ben resigned, and ann wins the series
        ",
    );
}

#[test]
fn a_claimed_win_and_a_lost_clock_count_in_the_series() {
    check(
        "
        (ann and ben play 3x3 best of 3 clock 5s)
        +15s
            ann and ben hear: match 1: ann 0:1 ben | ann ran out of time | 0.0 to 5.0, stopped
        (ann> rematch)
        (ben> rematch)
        (ann drops)
        +30s
        ben> claim win
            ben hears: match 2: ann (away for 30 s) 0:2 ben | won, because ann stayed away, and ben wins the series | 5.0 to 5.0, stopped
        ",
    );
}
