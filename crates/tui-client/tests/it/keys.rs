//! A match with every key of the program bound anew.

use std::{fmt::Write as _, fs, sync::Arc};

use tempfile::TempDir;
use tui_client::keymap::Keymap;

use crate::{
    screen::{CTRL_C, Launch, Screen, home},
    server::Server,
};

/// Letters that no key has by itself.
fn letters() -> impl Iterator<Item = char> {
    ('а'..='я')
        .chain('α'..='ω')
        .chain('ա'..='ֆ')
        .chain('ა'..='ჰ')
        .chain('ā'..='ž')
        .chain('ѐ'..='џ')
        .chain('ɐ'..='ʯ')
        .filter(|it| it.is_lowercase())
}

/// Other keys for every name of the command table.
struct Keys {
    rows: Vec<(String, Vec<String>)>,
    home: Arc<TempDir>,
}

impl Keys {
    fn new() -> Self {
        let mut letters = letters().map(String::from);
        let rows = Keymap::default().rows().into_iter().map(|(name, keys, _)| {
            let count = if keys.len() > 3 { keys.len() } else { 1 };
            let key = if name == "everywhere.help" {
                vec!["F1".into()]
            } else {
                letters.by_ref().take(count).collect()
            };
            (name, key)
        });
        let (rows, home): (Vec<(String, Vec<String>)>, _) = (rows.collect(), home());
        let mut config = "[keys]\n".to_owned();
        for (name, keys) in &rows {
            writeln!(config, "{name} = {keys:?}").unwrap();
        }
        fs::write(home.path().join("oxo/config.toml"), config).unwrap();
        Self { rows, home }
    }

    fn joins(&self, server: &Server, name: &str) -> Screen {
        Launch::oxo(&format!("join {} --name {name}", server.addr)).home(&self.home).start()
    }

    fn key(&self, name: &str) -> &str {
        self.nth(name, 1)
    }

    fn nth(&self, name: &str, nth: usize) -> &str {
        let (_, keys) = self.rows.iter().find(|(known, _)| known == name).unwrap();
        &keys[nth - 1]
    }
}

#[test]
fn a_match_is_played_with_every_key_bound_anew() {
    let (server, keys) = (Server::start(), Keys::new());
    let mut ana = keys.joins(&server, "ana");
    ana.wait_for("Waiting for a friend.");
    ana.wait_for("F1 help");
    let mut ben = keys.joins(&server, "ben");
    ana.wait_for("Your turn. You are X.");
    // The keys of before do nothing.
    ana.keys("5tdR yn");
    ana.keys(keys.nth("match.numpad", 7));
    ben.wait_for("ana played top left (7). ");
    ben.keys(keys.key("match.right"));
    ben.keys(keys.key("match.place"));
    // Not her turn alone, which her screen may still say of the move before: his would decline what she offers.
    ana.wait_for("ben played ");

    ana.keys(keys.key("match.offer-draw"));
    let [yes, no] = ["offer.accept", "offer.decline"].map(|name| keys.key(name));
    ben.wait_for(&format!("ana offers a draw. {yes} accepts, {no} declines"));
    ana.wait_for(&format!("{} withdraws.", keys.key("match.offer-draw")));
    ben.keys(no);
    ana.wait_for("ben declined the draw offer.");
    ana.keys(keys.key("match.open-chat"));
    ana.wait_for(&format!("The chat is open for both of you: {} says something.", keys.key("match.chat")));
    ana.keys(keys.key("match.chat"));
    ana.wait_for("Say>");
    ana.keys("gl hf\r");
    ben.wait_for("ana gl hf");
    ben.keys(keys.key("match.emotes"));
    ben.wait_for(&format!("{} hi", keys.nth("emotes.emote", 1)));
    ben.keys(keys.nth("emotes.emote", 2));
    ana.wait_for("ben gg");

    ana.keys("\x1bOP");
    ana.wait_for("resign (asks)");
    ana.keys(keys.key("help.back"));
    ana.wait_while("resign (asks)");
    ana.keys(keys.key("match.resign"));
    let yes = keys.key("confirm.yes");
    ana.wait_for(&format!(
        "Resign the match against ben? {yes} resigns, {} plays on.",
        keys.key("confirm.no")
    ));
    ana.keys(yes);
    let rematch = keys.key("over.rematch");
    ben.wait_for(&format!("You won. ana resigned. Press {rematch} for a rematch."));
    ben.keys(rematch);
    ana.wait_for(&format!("ben wants a rematch: {rematch} within"));
    ana.keys(rematch);
    ben.wait_for("Your turn. You are X.");
    ben.keys(CTRL_C);
    ben.wait_for(&format!("{yes} quits"));
    ben.keys(yes);
    assert_eq!(ben.exit_code(), Some(0));
    ana.wait_for("ben left.");
}
