//! The X-ray and its dial: keys in, effects out.

use crossterm::event::KeyCode;
use net::{
    link::Transport,
    sim::{Chance, LinkConfig, Loss},
};

use super::playing;
use crate::{
    cmd::Cmd,
    goal::Goal,
    msg::NetMsg,
    test_harness::Harness,
    update::Start,
    xray::{Sight, sample},
};

/// The wishes to look at the link since the last call, and the conditions that were set.
fn wished(harness: &mut Harness) -> (Vec<bool>, Vec<LinkConfig>) {
    let (mut looks, mut set) = (Vec::new(), Vec::new());
    for cmd in harness.other_cmds.drain(..) {
        match cmd {
            Cmd::Observe(is_open) => looks.push(is_open),
            Cmd::Degrade(config, _) => set.push(config),
            _ => {}
        }
    }
    (looks, set)
}

#[test]
fn the_link_is_recorded_while_the_x_ray_is_on_the_screen_and_no_longer() {
    let mut harness = playing();
    assert!(wished(&mut harness).0.is_empty());
    harness.keys("x");
    assert_eq!(wished(&mut harness).0, [true]);
    harness.net(NetMsg::Seen(sample::udp()));
    harness.sees("SRTT 31.0 ms");
    // Escape closes it, and the next one leads to the menu.
    harness.key(KeyCode::Esc);
    assert_eq!(wished(&mut harness).0, [false]);
    assert_eq!(harness.model.xray.sight, Sight::Unseen);
    harness.sees("Your turn. You are X.");
    harness.keys("x");
    harness.key(KeyCode::Esc);
    harness.key(KeyCode::Esc);
    harness.sees("Resume");
    assert_eq!(wished(&mut harness).0, [true, false]);
}

#[test]
fn the_dial_sets_the_conditions_of_the_link() {
    let mut harness = playing();
    harness.keys("+0");
    harness.model.xray.dial = Some(sample::dial());
    harness.keys("+0");
    assert_eq!(wished(&mut harness).1, [], "there is no dial, or none that turns TCP");
    harness.net(NetMsg::Connected(Transport::Udp));
    harness.keys("++");
    let loss = |percent| Loss::Independent(Chance::percent(percent));
    let losing = |percent| LinkConfig { loss: loss(percent), ..LinkConfig::default() };
    assert_eq!(wished(&mut harness).1, [losing(1), losing(2)]);
    harness.sees("Your link: loss 2%.");
    harness.keys("-");
    assert_eq!(wished(&mut harness).1, [losing(1)]);
    harness.key(KeyCode::Tab);
    assert_eq!(wished(&mut harness).1, []);
    harness.sees("Your link: delay 0 ms.");
    harness.keys("=0");
    let (_, set) = wished(&mut harness);
    assert_eq!(set.last(), Some(&LinkConfig::default()));
    assert!(!set[0].delay.is_zero());
}

#[test]
fn a_lab_sets_its_conditions_before_it_connects_and_lets_the_bot_in() {
    let mut harness = Harness::new("3x3".parse().unwrap());
    harness.model.xray.dial = Some(sample::dial());
    harness.model.xray.is_open = true;
    harness.model.start(harness.now, Start::Connect(Goal::Host));
    let cmds = harness.model.take_cmds();
    assert!(matches!(&cmds[..], [Cmd::Degrade(..), Cmd::Serve(None)]), "{cmds:?}");
    harness.connects();
    let code = harness.model.online_game().unwrap().snapshot.code;
    assert!(harness.wanted(|cmd| matches!(cmd, Cmd::SeatBot(seated) if *seated == code)));
    harness.net(NetMsg::Connected(Transport::Udp));
    harness.with_friend().sees("loss 0%");
}
