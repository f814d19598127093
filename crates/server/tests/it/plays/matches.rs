//! Names, matches, quick matches and returns.

use crate::test_harness::check;

#[test]
fn names_are_told_apart() {
    check(
        "
        ann comes
        bob comes as ann
            bob hears: you are called ann 2
        eve comes as ann
            eve hears: you are called ann 3
        # A name is free again once its bearer is gone.
        bob drops
        joe comes as ann
            joe hears: you are called ann 2
        there are 3 sessions and 0 rooms
        ",
    );
}

#[test]
fn names_that_only_look_alike_are_told_apart() {
    check(
        "
        Tim comes
        eve comes as Tirn
            eve hears: you are called Tirn 2
        # With a Cyrillic i.
        joe comes as Tіm
            joe hears: you are called Tіm 3
        ann comes as tim
        ",
    );
}

#[test]
fn a_match_from_the_first_move_to_the_last() {
    check(
        "
        ann> create 3x3
            ann hears: you are the host of room 1
            ann hears: match 1: ann 0:0 nobody | waiting
        ben> join room 1
            ben hears: you are the guest of room 1
            ann and ben hear: match 1: ann 0:0 ben | ann to move
        ann> play 5
            ann and ben hear: match 1: ann 0:0 ben | 5 | ben to move
        ben> play 1
            ann and ben hear: match 1: ann 0:0 ben | 5 1 | ann to move
        ann> play 7
            ann and ben hear: match 1: ann 0:0 ben | 5 1 7 | ben to move
        ben> play 2
            ann and ben hear: match 1: ann 0:0 ben | 5 1 7 2 | ann to move
        ann> play 3
            ann and ben hear: match 1: ann 1:0 ben | 5 1 7 2 3 | ann wins
        ",
    );
}

#[test]
fn a_full_board_without_a_line_is_a_draw() {
    check(
        "
        (ann and ben play 3x3: 1 2 3 5 4 6 8 7)
        ann> play 9
            ann and ben hear: match 1: ann 0:0 ben (1 drawn) | 1 2 3 5 4 6 8 7 9 | drawn
        ",
    );
}

#[test]
fn a_room_has_two_seats() {
    check(
        "
        (ann and ben play 3x3: 7 3)
        cat> join room 1
            cat hears: rejected, both seats of this room are taken
        # A seat that was left is not given away either.
        (ben> leave)
        cat> join room 1
            cat hears: rejected, both seats of this room are taken
        # And who sits does not sit down again.
        ann> join room 1
            ann hears: rejected, you are in a room already
        ann> create 3x3
            ann hears: rejected, you are in a room already
        ann> quick match
            ann hears: rejected, you are in a room already
        ",
    );
}

#[test]
fn a_code_without_a_room_is_refused() {
    check(
        "
        ann> join KITE-42
            ann hears: rejected, no room has this code
        # A room ends when its last player leaves.
        (ann> create 3x3)
        ann> leave
            ann hears: you have left
        ben> join room 1
            ben hears: rejected, no room has this code
        there are 2 sessions and 0 rooms
        ",
    );
}

#[test]
fn without_a_seat_there_is_nothing_to_play() {
    check(
        "
        ann> play 5
            ann hears: rejected, you have no seat in a room
        ann> resign
            ann hears: rejected, you have no seat in a room
        ann> rematch
            ann hears: rejected, you have no seat in a room
        ann> leave
            ann hears: rejected, you have no seat in a room
        # And alone in a room neither.
        (ann> create 3x3)
        ann> play 5
            ann hears: rejected, no match is running
        ann> resign
            ann hears: rejected, no match is running
        ann> rematch
            ann hears: rejected, no match is running
        ",
    );
}

#[test]
fn illegal_moves_are_refused_and_change_nothing() {
    check(
        "
        (ann and ben play 3x3)
        # Not Ben's turn.
        ben> play 5
            ben hears: rejected, it is not your turn
        (ann> play 5)
        # Not Ann's any more.
        ann> play 1
            ann hears: rejected, it is not your turn
        ben> play 5
            ben hears: rejected, that cell is taken
        ben> play d4
            ben hears: rejected, the board has no such cell
        ben> play 1 in match 2
            ben hears: rejected, that was meant for another match
        ben> play 1 in match 0
            ben hears: rejected, that was meant for another match
        # The game has not changed.
        ben> play 1
            ann and ben hear: match 1: ann 0:0 ben | 5 1 | ann to move
        ",
    );
}

#[test]
fn a_move_that_comes_twice_is_played_once() {
    check(
        "
        (ann and ben play 3x3: 5)
        ann> play 5 as move 1
            ann hears: match 1: ann 0:0 ben | 5 | ben to move
        # Also after the answer.
        (ben> play 1)
        ann> play 5 as move 1
            ann hears: match 1: ann 0:0 ben | 5 1 | ann to move
        # Ben's client repeats what is Ann's.
        ben> play 5 as move 1
            ben hears: rejected, the game has moved on
        ",
    );
}

#[test]
fn the_winning_move_repeated_after_the_end_still_counts_once() {
    check(
        "
        (ann and ben play 3x3: 5 1 7 2)
        ann> play 3
            ann and ben hear: match 1: ann 1:0 ben | 5 1 7 2 3 | ann wins
        ann> play 3 as move 5
            ann hears: match 1: ann 1:0 ben | 5 1 7 2 3 | ann wins
        ann> play 9 as move 5
            ann hears: rejected, no match is running
        ben> play 9
            ben hears: rejected, no match is running
        ",
    );
}

#[test]
fn a_late_or_an_early_move_is_refused() {
    check(
        "
        (ann and ben play 3x3: 5 1)
        # Another cell for a move that was made.
        ann> play 9 as move 1
            ann hears: rejected, the game has moved on
        # A move that is yet to come.
        ann> play 9 as move 5
            ann hears: rejected, the game has moved on
        ann> play 9 as move 400
            ann hears: rejected, the game has moved on
        ann> play 9
            ann and ben hear: match 1: ann 0:0 ben | 5 1 9 | ben to move
        ",
    );
}

#[test]
fn a_move_for_the_last_match_does_not_reach_the_next() {
    check(
        "
        (ann and ben play 3x3: 7 3 5)
        (ben> resign)
        (ann> rematch)
        (ben> rematch)
        ann> play 5 in match 1
            ann hears: rejected, that was meant for another match
        ben> resign match 1
            ben hears: rejected, that was meant for another match
        ben> rematch after match 1
            ben hears: rejected, that was meant for another match
        ben> play 5
            ann and ben hear: match 2: ann 1:0 ben | 5 | ann to move
        ",
    );
}

#[test]
fn resigning_loses() {
    check(
        "
        (ann and ben play 3x3: 7 3)
        # Also when it is not one's turn.
        ben> resign
            ann and ben hear: match 1: ann 1:0 ben | 7 3 | ben resigned
        # Once is enough, and the other cannot resign a match that is won.
        ben> resign
            ben hears: match 1: ann 1:0 ben | 7 3 | ben resigned
        ann> resign
            ann hears: rejected, no match is running
        ann> play 5
            ann hears: rejected, no match is running
        ",
    );
}

#[test]
fn both_want_a_rematch_or_there_is_none_and_the_other_begins_it() {
    check(
        "
        (ann and ben play 3x3: 7 3)
        ann> rematch
            ann hears: rejected, the match is not over
        (ben> resign)
        ann> rematch
            ann and ben hear: match 1: ann (wants a rematch) 1:0 ben | 7 3 | ben resigned
        # Wanting it twice is not two who want it.
        ann> rematch
            ann hears: match 1: ann (wants a rematch) 1:0 ben | 7 3 | ben resigned
        ben> rematch
            ann and ben hear: match 2: ann 1:0 ben | ben to move
        ann> play 5
            ann hears: rejected, it is not your turn
        ben> play 5
            ann and ben hear: match 2: ann 1:0 ben | 5 | ann to move
        ",
    );
}

#[test]
fn a_rematch_is_not_wanted_any_more_by_who_is_away() {
    check(
        "
        (ann and ben play 3x3: 7 3)
        (ben> resign)
        (ann> rematch)
        ann drops
            ben hears: match 1: ann (away for 0 s) 1:0 ben | 7 3 | ben resigned
        (ann returns)
        ben> rematch
            ann and ben hear: match 1: ann 1:0 ben (wants a rematch) | 7 3 | ben resigned
        ann> rematch
            ann and ben hear: match 2: ann 1:0 ben | ben to move
        ",
    );
}

#[test]
fn the_score_runs_on_through_the_matches_of_a_room() {
    check(
        "
        (ann and ben play 3x3: 7 3)
        ben> resign
            ann and ben hear: match 1: ann 1:0 ben | 7 3 | ben resigned
        (ann> rematch)
        (ben> rematch)
        ann> resign
            ann and ben hear: match 2: ann 1:1 ben | ann resigned
        (ann> rematch)
        (ben> rematch)
        (ann> play 1)
        (ben> play 2)
        (ann> play 3)
        (ben> play 5)
        (ann> play 4)
        (ben> play 6)
        (ann> play 8)
        (ben> play 7)
        ann> play 9
            ann and ben hear: match 3: ann 1:1 ben (1 drawn) | 1 2 3 5 4 6 8 7 9 | drawn
        (ben> rematch)
        (ann> rematch)
        (ben> play 5)
        # Nobody slips away from a match.
        ben> leave
            ben hears: rejected, a match is running; resign it first
        ",
    );
}
