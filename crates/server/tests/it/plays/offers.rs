//! Offers of draws, takebacks and rematches, and their ends.

use crate::test_harness::check;

#[test]
fn a_draw_is_offered_and_accepted_after_a_second() {
    check(
        "
        (ann and ben play 3x3: 5)
        ann> offer a draw
            ann and ben hear: match 1: ann 0:0 ben | 5 | ben to move | ann offers a draw
        +500ms
        ben> accept
            ben hears: rejected, you can accept an offer after a second, when you have read it
        +500ms
        ben> accept
            ann and ben hear: match 1: ann 0:0 ben (1 drawn) | 5 | a draw by agreement
        ",
    );
}

#[test]
fn nobody_accepts_their_own_offer() {
    check(
        "
        (ann and ben play 3x3: 5)
        (ann> offer a draw)
        +2s
        ann> accept
            ann hears: rejected, that is your own offer
        ",
    );
}

#[test]
fn a_move_declines_an_offer() {
    check(
        "
        (ann and ben play 3x3: 5)
        (ann> offer a draw)
        +2s
        ben> play 1
            ann and ben hear: match 1: ann 0:0 ben | 5 1 | ann to move
        ben> accept
            ben hears: rejected, that offer is gone
        ",
    );
}

#[test]
fn a_move_of_who_offers_withdraws_it() {
    check(
        "
        (ann and ben play 3x3)
        ann> offer a draw
            ann and ben hear: match 1: ann 0:0 ben | ann to move | ann offers a draw
        ann> play 5
            ann and ben hear: match 1: ann 0:0 ben | 5 | ben to move
        +2s
        ben> accept
            ben hears: rejected, that offer is gone
        ",
    );
}

#[test]
fn an_offer_is_gone_after_thirty_seconds() {
    check(
        "
        (ann and ben play 3x3: 5)
        (ann> offer a draw)
        +30s
            ann and ben hear: match 1: ann 0:0 ben | 5 | ben to move
        ben> accept
            ben hears: rejected, that offer is gone
        ",
    );
}

#[test]
fn an_offer_is_declined_or_withdrawn_and_waits_for_the_next_move() {
    check(
        "
        (ann and ben play 3x3: 5)
        (ann> offer a draw)
        ben> decline
            ann and ben hear: match 1: ann 0:0 ben | 5 | ben to move
        ann> offer a draw
            ann hears: rejected, you have made an offer since your last move; make a move first
        ann> offer to adjourn
            ann hears: rejected, you have made an offer since your last move; make a move first
        (ben> play 1)
        ann> offer a draw
            ann hears: rejected, you have made an offer since your last move; make a move first
        (ann> play 7)
        ann> offer a draw
            ann and ben hear: match 1: ann 0:0 ben | 5 1 7 | ben to move | ann offers a draw
        ann> withdraw
            ann and ben hear: match 1: ann 0:0 ben | 5 1 7 | ben to move
        ben> accept
            ben hears: rejected, that offer is gone
        ",
    );
}

#[test]
fn one_offer_at_a_time() {
    check(
        "
        (ann and ben play 3x3: 5)
        (ann> offer a draw)
        ben> offer a draw
            ben hears: rejected, another offer waits for its answer
        ben> ask for a takeback
            ben hears: rejected, you have no move to take back
        ",
    );
}

#[test]
fn a_takeback_restores_the_position_before_the_last_move_of_who_asks_and_the_clocks() {
    check(
        "
        (ann and ben play 3x3 clock 1m+3s)
        +15s
        ann> play 5
            ann and ben hear: match 1: ann 0:0 ben | 5 | ben to move | 58.0 to 60.0, ben's clock starts in 10 s
        +20s
        ben> play 1
            ann and ben hear: match 1: ann 0:0 ben | 5 1 | ann to move | 58.0 to 53.0, ann's clock runs
        +30s
        ann> play 7
            ann and ben hear: match 1: ann 0:0 ben | 5 1 7 | ben to move | 31.0 to 53.0, ben's clock runs
        +10s
        # It is Ben's turn, and Ann takes back one move.
        ann> ask for a takeback
            ann and ben hear: match 1: ann 0:0 ben | 5 1 7 | ben to move | 31.0 to 43.0, ben's clock runs | ann asks for a takeback
        +2s
        ben> accept
            ann and ben hear: match 1: ann 0:0 ben | 5 1 | ann to move | 58.0 to 53.0, ann's clock runs
        +20s
        ann> play 9
            ann and ben hear: match 1: ann 0:0 ben | 5 1 9 | ben to move | 41.0 to 53.0, ben's clock runs
        ",
    );
}

#[test]
fn a_takeback_after_the_answer_takes_back_both_moves() {
    check(
        "
        (ann and ben play 3x3: 5 1)
        ann> ask for a takeback
            ann and ben hear: match 1: ann 0:0 ben | 5 1 | ann to move | ann asks for a takeback
        +1s
        ben> accept
            ann and ben hear: match 1: ann 0:0 ben | ann to move
        # The move that was taken back cannot come again.
        ann> play 5 as move 1 before the takeback
            ann hears: rejected, the game has moved on
        ann> play 7
            ann and ben hear: match 1: ann 0:0 ben | 7 | ben to move
        # One takeback a move.
        (ben> play 1)
        ann> ask for a takeback
            ann and ben hear: match 1: ann 0:0 ben | 7 1 | ann to move | ann asks for a takeback
        ",
    );
}

#[test]
fn there_is_nothing_to_take_back_before_the_first_move() {
    check(
        "
        (ann and ben play 3x3)
        ann> ask for a takeback
            ann hears: rejected, you have no move to take back
        (ann> play 5)
        ben> ask for a takeback
            ben hears: rejected, you have no move to take back
        ",
    );
}

#[test]
fn an_offer_does_not_survive_the_absence_of_either() {
    check(
        "
        (ann and ben play 3x3: 5)
        (ann> offer a draw)
        +2s
        ann drops
            ben hears: match 1: ann (away for 0 s) 0:0 ben | 5 | paused, ben to move | ben may claim in 30 s
        ben> accept
            ben hears: rejected, that offer is gone
        ",
    );
}

#[test]
fn no_offers_without_a_match() {
    check(
        "
        (ann> create 3x3)
        ann> offer a draw
            ann hears: rejected, no match is running
        (ben> join room 1)
        (ann> resign)
        ben> offer a draw
            ben hears: rejected, no match is running
        ben> accept
            ben hears: rejected, that offer is gone
        cat> offer a draw
            cat hears: rejected, you have no seat in a room
        ",
    );
}

#[test]
fn a_wish_for_a_rematch_is_shown_and_gone_after_thirty_seconds() {
    check(
        "
        (ann and ben play 3x3)
        (ann> resign)
        ann> rematch
            ann and ben hear: match 1: ann (wants a rematch) 0:1 ben | ann resigned
        +30s
            ann and ben hear: match 1: ann 0:1 ben | ann resigned
        ben> rematch
            ann and ben hear: match 1: ann 0:1 ben (wants a rematch) | ann resigned
        ann> rematch
            ann and ben hear: match 2: ann 0:1 ben | ben to move
        ",
    );
}

#[test]
fn a_wish_for_a_rematch_vanishes_when_the_other_leaves() {
    check(
        "
        (ann and ben play 3x3)
        (ann> resign)
        (ann> rematch)
        ben> leave
            ben hears: you have left
            ann hears: match 1: ann 0:1 ben (gone) | ann resigned
        ann> rematch
            ann hears: rejected, the other player has left
        ",
    );
}

#[test]
fn a_rematch_needs_a_match_before_it() {
    check(
        "
        (ann and ben play 3x3)
        (ann> resign)
        cat> rematch
            cat hears: rejected, you have no seat in a room
        (cat> watch room 1)
        cat> rematch
            cat hears: rejected, you are only watching this room
        ",
    );
}

#[test]
fn a_player_may_offer_again_after_a_takeback_and_a_move() {
    check(
        "
        (ann and ben play 3x3: 5 1)
        (ben> offer a draw)
        (ann> decline)
        (ann> ask for a takeback)
        +1s
        (ben> accept)
        (ann> play 7)
        (ben> play 1)
        ben> offer a draw
            ann and ben hear: match 1: ann 0:0 ben | 7 1 | ann to move | ben offers a draw
        ",
    );
}

#[test]
fn a_takeback_that_was_accepted_is_no_reason_against_another() {
    check(
        "
        (ann and ben play 3x3: 5 1 7)
        (ann> ask for a takeback)
        +1s
        ben> accept
            ann and ben hear: match 1: ann 0:0 ben | 5 1 | ann to move
        ann> ask for a takeback
            ann and ben hear: match 1: ann 0:0 ben | 5 1 | ann to move | ann asks for a takeback
        ben> decline
            ann and ben hear: match 1: ann 0:0 ben | 5 1 | ann to move
        ann> ask for a takeback
            ann hears: rejected, you have made an offer since your last move; make a move first
        ",
    );
}

#[test]
fn a_wish_for_a_rematch_vanishes_when_the_other_is_away() {
    check(
        "
        (ann and ben play 3x3)
        (ann> resign)
        (ann> rematch)
        ben drops
            ann hears: match 1: ann 0:1 ben (away for 0 s) | ann resigned
        ben returns
            ben hears: you are the guest of room 1
            ann and ben hear: match 1: ann 0:1 ben | ann resigned
        ben> rematch
            ann and ben hear: match 1: ann 0:1 ben (wants a rematch) | ann resigned
        ",
    );
}

#[test]
fn watchers_follow_through_offers_and_takebacks() {
    check(
        "
        (ann and ben play 3x3)
        (cat> watch room 1)
        (ann> play 5)
        ann> ask for a takeback
            ann and ben and cat hear: match 1: ann 0:0 ben | 5 | ben to move | ann asks for a takeback | 1 watching
        +1s
        ben> accept
            ann and ben and cat hear: match 1: ann 0:0 ben | ann to move | 1 watching
        ",
    );
}
