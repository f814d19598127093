//! Chat messages, their recipients and their limits.

use crate::test_harness::check;

#[test]
fn players_are_heard_by_everybody_in_the_room() {
    check(
        "
        (ann and ben play 3x3)
        (cat> watch room 1)
        ann> say good luck
            ann and ben and cat hear: ann says good luck
        ben> emote hi
            ann and ben and cat hear: ben says hi
        dan> say hello
            dan hears: rejected, you have no seat in a room
        ",
    );
}

#[test]
fn watchers_are_heard_by_each_other_and_by_the_players_if_the_room_allows_it() {
    check(
        "
        (ann and ben play 3x3)
        (cat> watch room 1)
        (dan> watch room 1)
        cat> say what a move
            cat and dan hear: cat, a watcher, says what a move
        ben> hear who watches
            ben hears: rejected, only the player who opened the room may do that
        ann> hear who watches
            ann and ben and cat and dan hear: match 1: ann 0:0 ben | ann to move | 2 watching | watchers may chat
        dan> emote wow
            ann and ben and cat and dan hear: dan, a watcher, says wow
        ann> do not hear who watches
            ann and ben and cat and dan hear: match 1: ann 0:0 ben | ann to move | 2 watching
        dan> emote wow
            cat and dan hear: dan, a watcher, says wow
        ",
    );
}

#[test]
fn not_so_fast() {
    check(
        "
        (ann> create 3x3)
        (ann> say 1)
        (ann> say 2)
        (ann> say 3)
        (ann> say 4)
        ann> say 5
            ann hears: ann says 5
        ann> say 6
            ann hears: rejected, not so fast
        +2s
        ann> say 7
            ann hears: ann says 7
        ann> say 8
            ann hears: rejected, not so fast
        # Everybody has a budget of their own.
        (ben> join room 1)
        ben> say 1
            ann and ben hear: ben says 1
        ",
    );
}

#[test]
fn a_quieter_server() {
    check(
        "
        limit chat_burst 1
        limit chat_every 10s
        (ann> create 3x3)
        ann> say 1
            ann hears: ann says 1
        +9s
        ann> say 2
            ann hears: rejected, not so fast
        +1s
        ann> say 3
            ann hears: ann says 3
        ",
    );
}

#[test]
fn strangers_do_not_talk_before_one_of_them_opens_it() {
    check(
        "
        (ann> create 3x3)
        ben> quick match
            ben hears: you are the guest of room 1
            ann and ben hear: match 1: ann 0:0 ben | ann to move | chat off
        ann> say hello
            ann hears: rejected, chat is off with strangers until one of you opens it
        ben> emote hi
            ben hears: rejected, chat is off with strangers until one of you opens it
        # Who watches is heard by who watches all the same.
        (cat> watch room 1)
        cat> emote hi
            cat hears: cat, a watcher, says hi
        ben> open the chat
            ann and ben and cat hear: match 1: ann 0:0 ben | ann to move | 1 watching
        ann> say hello
            ann and ben and cat hear: ann says hello
        ",
    );
}

#[test]
fn friends_who_came_by_the_code_talk() {
    check(
        "
        (ann and ben play 3x3)
        ben> say hello
            ann and ben hear: ben says hello
        ",
    );
}

#[test]
fn players_who_are_away_receive_nothing() {
    check(
        "
        (ann and ben play 3x3)
        (ben drops)
        ann> say where are you
            ann hears: ann says where are you
        ",
    );
}

#[test]
fn a_room_listens_to_so_much_from_all_together() {
    check(
        "
        limit room_chat_burst 3
        limit room_chat_every 2s
        (ann and ben play 3x3)
        (ann> say 1)
        (ben> say 2)
        (ann> say 3)
        ben> say 4
            ben hears: rejected, not so fast
        +2s
        ben> say 5
            ann and ben hear: ben says 5
        ",
    );
}

#[test]
fn a_repeated_command_is_answered_to_its_sender_only() {
    check(
        "
        (ann and ben play 3x3)
        ben> open the chat
            ben hears: match 1: ann 0:0 ben | ann to move
        ann> let everybody watch
            ann hears: match 1: ann 0:0 ben | ann to move
        ",
    );
}
