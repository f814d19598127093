//! Silence, lost links, returns, and claims.

use crate::test_harness::check;

#[test]
fn silence_is_shown_and_stops_the_clocks_but_not_the_moves() {
    check(
        "
        (ann and ben play 3x3 clock 30s: 7 3)
        +10s
        (ann> play 5)
        +10s
        ben falls silent
            ann and ben hear: match 1: ann 0:0 ben (silent for 3 s) | 7 3 5 | ben to move | 30.0 to 20.0, stopped | ann may claim in 27 s
        +4s
        # Ben's move may still be on its way, and so may Ann's: moves count. The clocks stand still.
        ben is heard again
            ann and ben hear: match 1: ann 0:0 ben | 7 3 5 | ben to move | 30.0 to 20.0, ben's clock runs
        +1s
        ben> play 1
            ann and ben hear: match 1: ann 0:0 ben | 7 3 5 1 | ann to move | 30.0 to 30.0, ann's clock runs
        # That is news once.
        ben is heard again
        ",
    );
}

#[test]
fn a_lost_link_pauses_the_match_and_both_clocks() {
    check(
        "
        (ann and ben play 3x3 clock 30s: 7 3)
        +12s
        ben drops
            ann hears: match 1: ann 0:0 ben (away for 0 s) | 7 3 | paused, ann to move | 18.0 to 30.0, stopped | ann may claim in 30 s
        +20s
        # It is Ann's turn, but the match waits.
        ann> play 5
            ann hears: rejected, the match is paused until the other player is back
        ann> offer a draw
            ann hears: rejected, the match is paused until the other player is back
        # Nobody takes the seat meanwhile.
        cat> join room 1
            cat hears: rejected, both seats of this room are taken
        ben returns
            ben hears: you are the guest of room 1
            ann and ben hear: match 1: ann 0:0 ben | 7 3 | ann to move | 18.0 to 30.0, ann's clock runs
        +1s
        ann> play 5
            ann and ben hear: match 1: ann 0:0 ben | 7 3 5 | ben to move | 30.0 to 30.0, ben's clock runs
        ",
    );
}

#[test]
fn a_move_that_was_on_its_way_when_the_link_broke_is_played_once() {
    check(
        "
        (ann and ben play 3x3)
        ann> play 5
            ann and ben hear: match 1: ann 0:0 ben | 5 | ben to move
        ann drops
            ben hears: match 1: ann (away for 0 s) 0:0 ben | 5 | paused, ben to move | ben may claim in 30 s
        ann returns
            ann hears: you are the host of room 1
            ann and ben hear: match 1: ann 0:0 ben | 5 | ben to move
        # Her client could not know that it had arrived, and sends it again.
        ann> play 5 as move 1
            ann hears: match 1: ann 0:0 ben | 5 | ben to move
        (ben> play 1)
        ann> play 5 as move 1
            ann hears: match 1: ann 0:0 ben | 5 1 | ann to move
        ",
    );
}

#[test]
fn the_one_who_stayed_may_claim_the_win_after_thirty_seconds() {
    check(
        "
        (ann and ben play 3x3: 7 3)
        ben drops
            ann hears: match 1: ann 0:0 ben (away for 0 s) | 7 3 | paused, ann to move | ann may claim in 30 s
        ann> claim win
            ann hears: rejected, it is too early to claim: the seat is still kept
        +29s
        ann> claim win
            ann hears: rejected, it is too early to claim: the seat is still kept
        # Ben cannot claim: Ann has been there all the time. And Cat has no part in it.
        cat> claim win
            cat hears: rejected, you have no seat in a room
        +1s
        ann> claim win
            ann hears: match 1: ann 1:0 ben (away for 30 s) | 7 3 | won, because ben stayed away
        ",
    );
}

#[test]
fn the_one_who_stayed_may_call_it_a_draw() {
    check(
        "
        (ann and ben play 3x3: 7 3)
        (ben drops)
        +31s
        ann> claim draw
            ann hears: match 1: ann 0:0 ben (away for 31 s) (1 drawn) | 7 3 | declared a draw, because ben stayed away
        ",
    );
}

#[test]
fn the_one_who_stayed_may_go_on_waiting() {
    check(
        "
        (ann and ben play 3x3: 7 3)
        (ben drops)
        +60m
        ben returns
            ben hears: you are the guest of room 1
            ann and ben hear: match 1: ann 0:0 ben | 7 3 | ann to move
        ann> claim win
            ann hears: rejected, the other player is here
        ann> play 5
            ann and ben hear: match 1: ann 0:0 ben | 7 3 5 | ben to move
        ",
    );
}

#[test]
fn a_goodbye_gives_a_grace_period_of_ten_seconds() {
    check(
        "
        (ann and ben play 3x3: 7 3)
        ben quits
            ann hears: match 1: ann 0:0 ben (left 0 s ago) | 7 3 | paused, ann to move | ann may claim in 10 s
        +9s
        ann> claim win
            ann hears: rejected, it is too early to claim: the seat is still kept
        +1s
        ann> claim win
            ann hears: match 1: ann 1:0 ben (left 10 s ago) | 7 3 | won, because ben stayed away
        ",
    );
}

#[test]
fn silence_counts_from_when_something_was_heard_last() {
    check(
        "
        (ann and ben play 3x3: 7 3)
        +10s
        # Silence is noticed after three seconds, and the link is given up after ten.
        ben falls silent
            ann and ben hear: match 1: ann 0:0 ben (silent for 3 s) | 7 3 | ann to move | ann may claim in 27 s
        +7s
        ben drops
            ann hears: match 1: ann 0:0 ben (away for 10 s) | 7 3 | paused, ann to move | ann may claim in 20 s
        +19s
        ann> claim win
            ann hears: rejected, it is too early to claim: the seat is still kept
        +1s
        ann> claim win
            ann hears: match 1: ann 1:0 ben (away for 30 s) | 7 3 | won, because ben stayed away
        ",
    );
}

#[test]
fn a_returning_player_gives_the_other_the_whole_time_to_return() {
    check(
        "
        (ann and ben play 3x3: 7 3)
        ben drops
            ann hears: match 1: ann 0:0 ben (away for 0 s) | 7 3 | paused, ann to move | ann may claim in 30 s
        +10s
        ann drops
        +40s
        # Ann was not there to wait for Ben. His time begins with her return.
        ann returns
            ann hears: you are the host of room 1
            ann hears: match 1: ann 0:0 ben (away for 50 s) | 7 3 | paused, ann to move | ann may claim in 30 s
        ann> claim win
            ann hears: rejected, it is too early to claim: the seat is still kept
        +29s
        ann> claim win
            ann hears: rejected, it is too early to claim: the seat is still kept
        +1s
        ann> claim win
            ann hears: match 1: ann 1:0 ben (away for 80 s) | 7 3 | won, because ben stayed away
        ",
    );
}

#[test]
fn no_claim_while_both_are_heard() {
    check(
        "
        (ann and ben play 3x3)
        +100s
        ann> claim win
            ann hears: rejected, the other player is here
        ben> claim draw
            ben hears: rejected, the other player is here
        ann> resign
            ann and ben hear: match 1: ann 0:1 ben | ann resigned
        ann> claim win
            ann hears: rejected, no match is running
        ",
    );
}

#[test]
fn repeated_absences_count_together_up_to_two_minutes() {
    check(
        "
        (ann and ben play 3x3: 7 3)
        (ben drops)
        +29s
        (ben returns)
        (ben drops)
        +29s
        (ben returns)
        (ben drops)
        +29s
        (ben returns)
        (ben drops)
        +29s
        (ben returns)
        # 116 s are used up, and 4 s are left.
        ben drops
            ann hears: match 1: ann 0:0 ben (away for 0 s) | 7 3 | paused, ann to move | ann may claim in 4 s
        +4s
        ann> claim win
            ann hears: match 1: ann 1:0 ben (away for 4 s) | 7 3 | won, because ben stayed away
        ",
    );
}

#[test]
fn a_wrong_secret_opens_nothing_and_changes_nothing() {
    check(
        "
        (ann and ben play 3x3: 7 3)
        (ben drops)
        +20s
        cat returns with ben's session and a wrong secret
            cat hears: refused, the server does not know this session any more
        # Ben's own time runs as if nobody had come.
        +9s
        ann> claim win
            ann hears: rejected, it is too early to claim: the seat is still kept
        ben returns
            ben hears: you are the guest of room 1
            ann and ben hear: match 1: ann 0:0 ben | 7 3 | ann to move
        ",
    );
}

#[test]
fn a_right_token_takes_the_seat_from_a_link_that_is_still_up() {
    check(
        "
        (ann and ben play 3x3)
        ben returns
            ben hears: you are the guest of room 1
            ben hears: match 1: ann 0:0 ben | ann to move
        (ann> play 5)
        ben> play 1
            ann and ben hear: match 1: ann 0:0 ben | 5 1 | ann to move
        ",
    );
}

#[test]
fn a_room_from_which_both_have_gone_ends_thirty_seconds_after_their_time() {
    check(
        "
        (ann and ben play 3x3: 7 3)
        (ann drops)
        +10s
        (ben drops)
        +59s
        there are 2 sessions and 1 room
        +1s
        nothing is left
        ann returns
            ann hears: refused, the server does not know this session any more
        ",
    );
}

#[test]
fn a_return_in_time_keeps_the_room() {
    check(
        "
        (ann and ben play 3x3: 7 3)
        (ann drops)
        (ben drops)
        +59s
        ann returns
            ann hears: you are the host of room 1
            ann hears: match 1: ann 0:0 ben (away for 59 s) | 7 3 | paused, ann to move | ann may claim in 30 s
        +60m
        there are 2 sessions and 1 room
        ",
    );
}

#[test]
fn a_session_without_a_seat_ends_with_its_link() {
    check(
        "
        (ann comes)
        there are 1 sessions and 0 rooms
        ann drops
        nothing is left
        ",
    );
}

#[test]
fn a_silence_that_lasts_into_a_match_counts_from_its_beginning() {
    check(
        "
        (ann> create 3x3)
        +60s
        (ann falls silent)
        +6s
        ben> join room 1
            ben hears: you are the guest of room 1
            ann and ben hear: match 1: ann (silent for 0 s) 0:0 ben | ann to move | ben may claim in 30 s
        +29s
        ben> claim win
            ben hears: rejected, it is too early to claim: the seat is still kept
        +1s
        ben> claim win
            ann and ben hear: match 1: ann (silent for 30 s) 0:1 ben | won, because ann stayed away
        ",
    );
}

#[test]
fn an_absence_of_both_is_nobodys_delay() {
    check(
        "
        limit absence_per_match 40s
        (ann and ben play 3x3: 7 3)
        (ann drops)
        (ben drops)
        +50s
        (ann returns)
        (ben returns)
        # Nobody waited for anybody: Ben has his forty seconds, of which a grace is thirty.
        ben drops
            ann hears: match 1: ann 0:0 ben (away for 0 s) | 7 3 | paused, ann to move | ann may claim in 30 s
        ",
    );
}

#[test]
fn an_absence_before_the_match_is_no_delay_in_it() {
    check(
        "
        (ann and ben play 3x3: 7 3)
        (ann> resign)
        (ann> rematch)
        (ben> rematch)
        (ann drops)
        +29s
        (ann returns)
        (ann> resign)
        ben drops
            ann hears: match 2: ann 0:2 ben (away for 0 s) | ann resigned
        +100s
        (ben returns)
        (ann> rematch)
        (ben> rematch)
        ben drops
            ann hears: match 3: ann 0:2 ben (away for 0 s) | paused, ann to move | ann may claim in 30 s
        +29s
        ann> claim win
            ann hears: rejected, it is too early to claim: the seat is still kept
        ",
    );
}

#[test]
fn nobody_joins_while_the_owner_is_away() {
    check(
        "
        (ann> create 3x3)
        (ann drops)
        ben> join room 1
            ben hears: rejected, the player who opened the room is away just now
        ann returns
            ann hears: you are the host of room 1
            ann hears: match 1: ann 0:0 nobody | waiting
        ben> join room 1
            ben hears: you are the guest of room 1
            ann and ben hear: match 1: ann 0:0 ben | ann to move
        ",
    );
}

#[test]
fn commands_without_a_link_are_ignored() {
    check(
        "
        (ann and ben play 3x3: 7 3)
        ben drops
            ann hears: match 1: ann 0:0 ben (away for 0 s) | 7 3 | paused, ann to move | ann may claim in 30 s
        # What is still on its way from the old link counts no more.
        ben is heard again
        ben> resign
        ",
    );
}

#[test]
fn a_token_is_good_until_its_successor_has_arrived() {
    check(
        "
        (ann> create 3x3)
        ann returns
            ann hears: you are the host of room 1
            ann hears: match 1: ann 0:0 nobody | waiting
        # The welcome was lost, and with it the new token.
        ann does not hear of the new token
        ann returns
            ann hears: you are the host of room 1
            ann hears: match 1: ann 0:0 nobody | waiting
        (ann> hide the room)
        ann returns with the token from before
            ann hears: refused, the server does not know this session any more
        (ann returns)
        ann has a round trip of 2ms
        ann returns with the token from before
            ann hears: refused, the server does not know this session any more
        ann returns
            ann hears: you are the host of room 1
            ann hears: match 1: ann 0:0 nobody | waiting | hidden
        ",
    );
}
