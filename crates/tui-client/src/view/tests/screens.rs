//! Every screen that a model can show, for the tests of what holds on all of them.

use clap::ValueEnum;
use crossterm::event::KeyCode;
use game_core::Rules;
use net::{
    interfaces::{InterfaceKind, Networks},
    link::Transport,
    proto::{Access, ChatMessage, Command, OfferKind, Terms},
    xray::LinkPicture,
};
use ratatui::{Terminal, backend::TestBackend, buffer::Buffer, layout::Size};

use crate::{
    env::ColorDepth,
    failure::Failure,
    goal::Goal,
    history::{
        History, KeptMatch,
        tests::{match_of, random_match},
    },
    lan_games::LanGames,
    msg::{Msg, NetMsg},
    own_place::Reach,
    test_harness::{Harness, LanRoom, lan_room},
    theme::{Theme, ThemeName},
    update::Start,
    view,
    xray::{Sight, sample},
};

/// The screen with its colours.
pub(super) fn buffer_of(harness: &Harness) -> Buffer {
    let Size { width, height } = harness.model.size;
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| drop(view::draw(&harness.model, harness.now, frame))).unwrap();
    terminal.backend().buffer().clone()
}

/// A screen of another size, at the time of the harness.
pub(super) fn seen(harness: &mut Harness, width: u16, height: u16) -> String {
    harness.model.size = Size { width, height };
    harness.screen()
}

/// Every theme, in every depth, on either background.
pub(super) fn themes(is_ascii: bool) -> Vec<Theme> {
    let depths = [ColorDepth::Mono, ColorDepth::Sixteen, ColorDepth::Indexed, ColorDepth::True];
    let grounds = depths.map(|depth| [false, true].map(|is_light| (depth, is_light)));
    let names = ThemeName::value_variants().iter();
    let theme = |name: ThemeName| {
        grounds.iter().flatten().map(move |&(depth, is_light)| Theme { depth, name, is_light, is_ascii })
    };
    names.copied().flat_map(theme).collect()
}

/// A room on our own server, which has a page for browsers.
pub(super) fn hosting(reach: Reach) -> Harness {
    let mut harness = Harness::new(Rules::default());
    harness.hosts(reach, true);
    harness
}

/// Every screen that a model can show.
pub(super) fn screens() -> Vec<Harness> {
    let form = |start: Start, keys: &str| {
        let mut harness = Harness::new(Rules::default());
        harness.begin(start);
        harness.keys(keys);
        harness
    };
    let mut failed = Harness::new(Rules::default());
    let failure = Failure { sentence: "No".into(), causes: vec!["a: refused".into()], hint: None };
    failed.model.fail(failure);
    let mut screens = harnesses();
    screens.extend(["h", "h5x", "o", "t", "s"].map(|keys| form(Start::Menu, keys)));
    screens.extend([form(Start::Menu, ""), form(Start::Menu, "j"), form(Start::Games { watches: true }, "")]);
    screens.push(failed);
    screens.extend([Reach::Everybody, Reach::Failed].map(hosting));
    let mut locked = hosting(Reach::NotAnnounced);
    locked.keys("vv");
    let mut hidden = hosting(Reach::Everybody);
    hidden.keys("q");
    screens.extend([locked, hidden]);
    screens.extend(replays());
    screens.extend(seen_through());
    screens
}

/// The X-ray over matches: over UDP and TCP, on a small and a large board, before its first picture, and after a match.
pub(super) fn seen_through() -> Vec<Harness> {
    let seen = |rules: &str, has_dial: bool, sight: Sight| {
        let mut harness = Harness::new(rules.parse().unwrap()).join().with_friend();
        harness.model.xray.dial = has_dial.then(sample::dial);
        harness.ben_asks(Command::Say { message: ChatMessage::Line("gl hf".parse().unwrap()) });
        let transport =
            if matches!(sight, Sight::Seen(LinkPicture::Tcp(_))) { Transport::Tcp } else { Transport::Udp };
        harness.net(NetMsg::Connected(transport));
        harness.keys("x");
        harness.net(NetMsg::Seen(sight));
        harness
    };
    let mut over = seen("3x3", true, sample::udp());
    over.both_move();
    over.keys("Ry");
    vec![
        seen("3x3", true, sample::udp()),
        seen("3x3", false, sample::udp()),
        seen("3x3", true, sample::tcp()),
        seen("5x5:4", true, sample::udp()),
        seen("19x19:5", true, sample::udp()),
        seen("3x3", false, Sight::Unknown),
        over,
    ]
}

/// The list of finished matches, and replays at their beginning, in the middle, and at their end.
fn replays() -> Vec<Harness> {
    let with = |matches: Vec<KeptMatch>, keys: &str| {
        let mut harness = Harness::new(Rules::default());
        harness.model.history = History { matches, ..History::default() };
        harness.begin(Start::Menu);
        harness.keys(keys);
        harness
    };
    let some = |count: u64| (0..count).map(random_match).collect::<Vec<_>>();
    let mut damaged = with(some(3), "p");
    damaged.model.history.damaged = 3;
    let mut after = Harness::new(Rules::default()).join().with_ben();
    after.both_move();
    after.keys("Ry");
    after.keys("v");
    let mut lists = vec![with(some(0), "p"), with(some(3), "p"), with(some(80), "p"), damaged, after];
    // A board whose worth is certain, one of which little is, and the largest.
    for rules in ["3x3", "5x4:4", "19x19:5"] {
        let kept = match_of(rules, 2);
        lists.extend(["p\r", "p\rlll ", "p\r$"].map(|keys| with(vec![kept.clone()], keys)));
    }
    lists.push(with(some(1), "p\r?"));
    lists
}

fn harnesses() -> Vec<Harness> {
    let classic = || Harness::new(Rules::default()).join();
    let mut moved = classic().with_ben();
    moved.keys("7");
    moved.ben_plays("b2");
    let mut over = classic().with_ben();
    for (digit, cell) in [("7", "a1"), ("8", "b1"), ("9", "")] {
        over.keys(digit);
        if !cell.is_empty() {
            over.ben_plays(cell);
        }
    }
    let mut asked = classic().with_ben();
    asked.ctrl_c();
    let mut helped = classic().with_ben();
    helped.keys("?");
    let mut entry = classic().with_ben();
    entry.keys("i");
    let mut away = classic().with_ben();
    away.ben_drops();
    let mut down = classic().with_ben();
    down.net(NetMsg::Closed(None));
    let large = Harness::new("19x19:5".parse().unwrap()).with_large_room();
    let mut harnesses = vec![classic(), moved, over, asked, helped, entry, away, down, large];
    harnesses.extend(around());
    harnesses.extend(between_two());
    harnesses.extend(lan());
    harnesses
}

/// Screens around a match.
fn around() -> Vec<Harness> {
    let classic = || Harness::new(Rules::default()).join();
    let long = "a line as long as one can be, with a word of more columns than some panels have: ".to_owned();
    let said = Command::Say { message: ChatMessage::Line((long + &"w".repeat(39)).parse().unwrap()) };
    let mut talking = classic().with_friend();
    talking.ben_asks(said);
    talking.keys("thello");
    let mut emotes = classic().with_friend();
    emotes.keys("e");
    let mut locked = classic();
    locked.keys("vv");
    let mut called = classic();
    called.keys("o5");
    let called = called.with_friend();
    let target: net::addr::HostPort = "192.168.1.7".parse().unwrap();
    let mut empty = Harness::new(Rules::default());
    empty.begin(Start::Connect(Goal::Browse { target: target.clone() }));
    let mut harnesses = vec![talking, emotes, locked, called, empty];
    for keys in [&[][..], &[KeyCode::Enter]] {
        for access in [Access::Public, Access::Passcode("1952".parse().unwrap())] {
            let mut list = Harness::new(Rules::default());
            // As wide as a name may be, in characters that are not ASCII.
            let host = list.somebody("\u{674e}\u{5c0f}\u{674e}\u{5c0f}\u{674e}\u{5c0f}\u{674e}\u{5c0f}");
            list.asks(host, Command::Create { terms: Terms::default(), access });
            let (eve, code) = (list.somebody("eve"), list.code_of(host));
            list.asks(eve, Command::Join { code, passcode: None });
            list.begin(Start::Connect(Goal::Browse { target: target.clone() }));
            for key in keys {
                list.key(*key);
            }
            harnesses.push(list);
        }
    }
    harnesses
}

/// Lists of the games on this network.
fn lan() -> Vec<Harness> {
    let list = |rooms: &[LanRoom]| {
        let mut harness = Harness::new(Rules::default());
        harness.begin(Start::Games { watches: false });
        let used = vec![
            ("wlan0".to_owned(), "192.168.100.190".parse().unwrap(), 24),
            ("enp0s31f6".to_owned(), "fd4d:1234:5678:9abc::19".parse().unwrap(), 64),
        ];
        let skipped = vec![("docker0".to_owned(), InterfaceKind::Virtual)];
        let mut games = LanGames::searching(harness.now);
        games.set_networks(Networks { used, skipped });
        for room in rooms {
            room.is_found(&mut games, harness.now);
        }
        harness.tell(Msg::Lan(games));
        harness
    };
    let wide = "\u{674e}\u{5c0f}\u{674e}\u{5c0f}\u{674e}\u{5c0f}\u{674e}\u{5c0f}";
    let mut locked = lan_room(3, "OAKEN-55", wide, Some(wide));
    locked.room.is_locked = true;
    let rooms = [lan_room(1, "KITE-42", wide, None), lan_room(2, "LIME-19", "eve", Some(wide)), locked];
    let mut filtered = list(&rooms);
    filtered.keys("/kite");
    let mut failed = list(&rooms);
    let failure = Failure { sentence: "No\u{e9}".into(), causes: Vec::new(), hint: Some("wait".into()) };
    let mut games = failed.model.lan.clone();
    games.fail(failure);
    failed.tell(Msg::Lan(games));
    let mut searching = list(&[]);
    searching.keys("jZEBRA-99");
    searching.key(KeyCode::Enter);
    let mut menu = list(&rooms);
    menu.key(KeyCode::Esc);
    let many: Vec<LanRoom> = (1..=40).map(|id| lan_room(id, "KITE-42", wide, None)).collect();
    vec![list(&[]), list(&rooms), list(&many), filtered, failed, searching, menu]
}

/// Screens of a match: clocks, offers, an absent player, a series, an adjourned match.
fn between_two() -> Vec<Harness> {
    let terms =
        Terms { best_of: Some("3".parse().unwrap()), time: "5m+3s".parse().unwrap(), ..Terms::default() };
    let playing = || Harness::with_terms(terms).join().with_ben();
    let after = |seconds: u64, change: &dyn Fn(&mut Harness)| {
        let mut harness = playing();
        change(&mut harness);
        harness.pass(seconds);
        harness
    };
    let mut adjourned = after(30, &Harness::ben_drops);
    adjourned.keys("P");
    let mut aside = after(30, &Harness::ben_drops);
    aside.keys("P");
    aside.key(KeyCode::Esc);
    let mut won = after(30, &Harness::ben_drops);
    won.keys("W");
    won.keys("r");
    vec![
        playing(),
        after(305, &|harness| harness.keys("")),
        after(2, &|harness| harness.ben_offers(OfferKind::Draw)),
        after(0, &|harness| harness.ben_offers(OfferKind::Adjourn)),
        after(2, &|harness| harness.keys("7u")),
        after(16, &Harness::ben_drops),
        after(16, &Harness::ben_quits),
        after(0, &|harness| harness.ben_is_silent(6)),
        adjourned,
        aside,
        won,
    ]
}

impl Harness {
    pub(super) fn with_large_room(mut self) -> Self {
        self.model.new_game.terms.rules = "19x19:5".parse().unwrap();
        let opponent = crate::cmd::Opponent::Person { names: ["ann", "bob"].map(crate::test_harness::name) };
        let mut game =
            crate::local::LocalGame::new(self.now, self.model.me, self.model.new_game.terms, opponent)
                .unwrap();
        self.model.start(self.now, Start::Connect(Goal::Local { opponent }));
        while let Some(event) = game.poll_event() {
            self.tell(Msg::Local(event));
        }
        self
    }
}
