//! The state that the screen depends on.

use std::{net::SocketAddr, time::Instant};

use jiff::tz::TimeZone;
use net::{
    addr::HostPort,
    link::Transport,
    proto::{Name, Passcode, Phase, Terms},
};
use ratatui::layout::Size;

use crate::{
    cmd::{Cmd, SavedSeat},
    config::Config,
    connecting::Connecting,
    env::TerminalEnv,
    failure::Failure,
    game::Game,
    game_search::GameSearch,
    goal::Preferences,
    history::{History, KeptMatch},
    join_form::JoinForm,
    keymap::{Action, Context, Keymap, When},
    lan_games::LanGames,
    lan_list::LanList,
    menu::Menu,
    new_game::NewGame,
    new_game_form::NewGameForm,
    notify::Notifier,
    online::Online,
    overlay::Overlay,
    replay::Replay,
    replays::Replays,
    rooms::Rooms,
    text_input::TextInput,
    theme::Theme,
    ticks::after_second,
    xray::{LinkDial, XRay},
};

/// The whole state of the front end.
#[derive(Debug)]
pub struct Model {
    /// The name that the player wants.
    pub me: Name,
    /// Styles and characters.
    pub theme: Theme,
    /// The keys.
    pub keymap: Keymap,
    /// The settings.
    pub config: Config,
    /// The mistake in their file, or the reason why they were not saved, until the next key.
    pub config_problem: Option<String>,
    /// The name of a player who has set none.
    pub login: Name,
    /// The terminal, as its environment describes it.
    pub env: TerminalEnv,
    /// The size of the terminal.
    pub size: Size,
    /// The screen.
    pub screen: Screen,
    /// The screens below it, to which `Esc` leads back from the finished matches: at most the menu or a game, and the list.
    pub below: Vec<Screen>,
    /// The layer over it.
    pub overlay: Option<Overlay>,
    /// Seats to return to that are not on the screen: of earlier runs of the program, and of adjourned matches.
    pub saved_seats: Vec<SavedSeat>,
    /// The next game that is begun from here.
    pub new_game: NewGame,
    /// The terms of a quick match; `None` takes any.
    pub quick_terms: Option<Terms>,
    /// The seed of the next bot.
    pub bot_seed: u64,
    /// True if nobody has played here before.
    pub is_newcomer: bool,
    /// The line for the normal screen after the end of the program.
    pub parting: Option<String>,
    /// True if a failure ends the program with an exit code: until the room it was started for is there.
    pub fails_fast: bool,
    /// A second game, which is not shown. Of the two, one is at this machine and the other on a server.
    pub background_game: Option<Box<Game>>,
    /// The games on this network.
    pub lan: LanGames,
    /// The last server that was found and dialled, with all addresses that it has told.
    pub dialled: Option<(HostPort, Vec<SocketAddr>)>,
    /// The finished matches of this player.
    pub history: History,
    /// The matches of this run that could not be saved.
    pub unsaved: Vec<KeptMatch>,
    /// The calendar of this machine.
    pub zone: TimeZone,
    /// The window's title and the bell.
    pub notifier: Notifier,
    /// The look at the link of the game on a server.
    pub xray: XRay,
    /// The effects that the runtime has not taken yet.
    pub(crate) cmds: Vec<Cmd>,
}

/// A screen.
#[derive(Debug)]
pub enum Screen {
    /// The menu.
    Menu(Menu),
    /// The finished matches.
    Replays(Replays),
    /// The replay of one.
    Replay(Box<Replay>),
    /// The form for a new game.
    NewGame(Box<NewGameForm>),
    /// The form for a place.
    JoinForm(JoinForm),
    /// A connection under way, or the passcode that it waits for.
    Connecting(Box<Connecting>),
    /// The rooms of a server.
    Rooms(Box<Rooms>),
    /// The games on this network.
    Lan(Box<LanList>),
    /// A search for one game on this network.
    Searching(GameSearch),
    /// A room, from waiting for a friend to the result.
    Game(Box<Game>),
    /// A failure.
    Failed(Failure),
}

impl Default for Screen {
    fn default() -> Self {
        Self::Menu(Menu::default())
    }
}

impl Screen {
    fn game(&self) -> Option<&Game> {
        match self {
            Self::Game(game) => Some(game),
            Self::Menu(menu) => menu.game.as_deref(),
            _ => None,
        }
    }

    fn game_mut(&mut self) -> Option<&mut Game> {
        match self {
            Self::Game(game) => Some(game),
            Self::Menu(menu) => menu.game.as_deref_mut(),
            _ => None,
        }
    }
}

impl Model {
    /// The menu, with nothing under way. All random choices follow from the seed.
    pub fn new(me: Name, theme: Theme, seed: u64, passcode: Passcode) -> Self {
        Self {
            me,
            theme,
            keymap: Keymap::default(),
            config: Config::default(),
            config_problem: None,
            login: me,
            env: TerminalEnv::default(),
            size: Size::ZERO,
            screen: Screen::default(),
            below: Vec::new(),
            overlay: None,
            saved_seats: Vec::new(),
            new_game: NewGame::new(passcode),
            quick_terms: None,
            bot_seed: seed,
            is_newcomer: false,
            parting: None,
            fails_fast: false,
            background_game: None,
            lan: LanGames::default(),
            dialled: None,
            history: History::default(),
            unsaved: Vec::new(),
            zone: TimeZone::UTC,
            notifier: Notifier::default(),
            xray: XRay::default(),
            cmds: Vec::new(),
        }
    }

    /// The game that is shown or goes on behind the menu.
    pub fn game(&self) -> Option<&Game> {
        self.screen.game().or_else(|| self.below.iter().rev().find_map(Screen::game))
    }

    /// The game that is shown or goes on behind the menu, to change it.
    pub fn game_mut(&mut self) -> Option<&mut Game> {
        let mut screens = [&mut self.screen].into_iter().chain(self.below.iter_mut().rev());
        screens.find_map(Screen::game_mut)
    }

    fn games(&self) -> impl Iterator<Item = &Game> {
        [self.game(), self.background_game.as_deref()].into_iter().flatten()
    }

    pub(crate) fn games_mut(&mut self) -> impl Iterator<Item = &mut Game> {
        let screens = [&mut self.screen].into_iter().chain(self.below.iter_mut().rev());
        screens.filter_map(Screen::game_mut).chain(self.background_game.as_deref_mut())
    }

    /// The game on a server.
    pub fn online_game(&self) -> Option<&Game> {
        self.games().find(|game| game.online().is_some())
    }

    /// The game on a server, to change it.
    pub fn online_game_mut(&mut self) -> Option<&mut Game> {
        self.games_mut().find(|game| game.online().is_some())
    }

    /// The game on a server that has come to need the player while the other one is shown.
    pub fn calling_game(&self) -> Option<&Game> {
        let is_shown = matches!(&self.screen, Screen::Game(shown) if shown.online().is_none());
        let game = self.background_game.as_deref().filter(|_| is_shown)?;
        (game.online().is_some() && game.snapshot.phase != Phase::Waiting).then_some(game)
    }

    /// The game that quitting now could cost somebody.
    pub fn game_at_stake(&self) -> Option<&Game> {
        self.games().find(|game| game.is_at_stake())
    }

    /// The addresses of a server beside its target, as far as they are known.
    pub(crate) fn more_addresses(&self, target: &HostPort) -> &[SocketAddr] {
        self.dialled.as_ref().filter(|(dialled, _)| dialled == target).map_or(&[], |(_, addresses)| addresses)
    }

    /// The settings of rooms opened from here.
    pub(crate) fn preferences(&self) -> Preferences {
        let quick_terms = self.quick_terms;
        // A quick match is for whoever comes, and says nothing of the last game that was chosen with care.
        let is_quick = matches!(&self.screen, Screen::Connecting(it) if it.arrival.quick.is_some());
        let terms = if is_quick { quick_terms.unwrap_or_default() } else { self.new_game.terms };
        Preferences { terms, quick_terms, access: self.new_game.access() }
    }

    /// The text input that keys go to, if they go to one.
    pub(crate) fn input_mut(&mut self) -> Option<&mut TextInput> {
        match (&mut self.overlay, &mut self.screen) {
            (Some(Overlay::Chat(input) | Overlay::Cell(input)), _) => Some(input),
            (Some(Overlay::Settings(page)), _) if page.is_typed() => Some(&mut page.input),
            (None, Screen::NewGame(form)) => form.input_mut(),
            (None, Screen::JoinForm(form)) => Some(&mut form.input),
            (None, Screen::Connecting(it)) => it.passcode.as_mut().map(|form| &mut form.input),
            (None, Screen::Lan(list)) if list.is_filtering => Some(&mut list.filter),
            (Some(_) | None, _) => None,
        }
    }

    /// The conditions of keys that hold now, or with `may_come` those that may also hold while the screen is the same.
    pub(crate) fn facts(&self, may_come: bool) -> Vec<When> {
        match (&self.screen, self.game()) {
            (Screen::Replay(_), _) => self.facts_of_replay(),
            (_, Some(game)) => self.with_xray(game.facts(may_come)),
            (_, None) => When::ALL.to_vec(),
        }
    }

    /// The conditions of a game, with those of its link.
    fn with_xray(&self, mut facts: Vec<When>) -> Vec<When> {
        facts.push(if self.shows_xray() { When::XRayIsOpen } else { When::XRayIsClosed });
        facts.extend(self.dial().map(|_| When::HasDial));
        facts
    }

    /// The dial, where it turns something: over UDP.
    pub(crate) fn dial(&self) -> Option<&LinkDial> {
        let has_knobs = |online: &Online| online.transport == Transport::Udp;
        self.xray.dial.as_ref().filter(|_| self.game().and_then(Game::online).is_some_and(has_knobs))
    }

    /// Tells whether the X-ray is open over a game that is shown.
    pub(crate) fn shows_xray(&self) -> bool {
        let has_link = |game: &Game| game.online().is_some() && game.snapshot.phase != Phase::Waiting;
        self.xray.is_open && matches!(&self.screen, Screen::Game(game) if has_link(game))
    }

    fn facts_of_replay(&self) -> Vec<When> {
        let has_mistakes =
            matches!(&self.screen, Screen::Replay(replay) if replay.analysis.next_mistake(0).is_some());
        let mut facts = vec![When::Always];
        facts.extend(has_mistakes.then_some(When::HasMistakes));
        facts.extend(self.may_branch().then_some(When::MayBranch));
        facts
    }

    /// Tells whether a key of the menu does something now; on other screens all do.
    pub(crate) fn is_there(&self, action: Action) -> bool {
        let Screen::Menu(menu) = &self.screen else { return true };
        match action {
            Action::Back => menu.game.is_some(),
            Action::Resume => menu.game.is_some() || !self.saved_seats.is_empty(),
            // Of digits.
            Action::ReturnTo(_) => !self.saved_seats.is_empty(),
            Action::Forget => matches!(menu.chosen(self.saved_seats.len()), Action::ReturnTo(_)),
            _ if action == Action::LeaveGame || Menu::begins(action) => {
                menu.entries(self.saved_seats.len()).contains(&action)
            }
            _ => true,
        }
    }

    /// The context of the keys.
    pub fn context(&self) -> Context {
        match &self.overlay {
            Some(Overlay::Confirm(_)) => Context::Confirm,
            Some(Overlay::Help { .. } | Overlay::Position { .. } | Overlay::Checkup { .. }) => Context::Help,
            Some(Overlay::Chat(_)) => Context::Chat,
            Some(Overlay::Cell(_)) => Context::Cell,
            Some(Overlay::Emotes) => Context::Emotes,
            Some(Overlay::Settings(page)) if page.is_typed() => Context::SettingText,
            Some(Overlay::Settings(_)) => Context::Settings,
            // Its keys act through a welcome.
            Some(Overlay::Welcome) | None => self.screen_context(),
        }
    }

    /// The context of the screen itself, without the layer over it.
    pub fn screen_context(&self) -> Context {
        match &self.screen {
            Screen::Menu(_) => Context::Menu,
            Screen::Replays(_) => Context::Replays,
            Screen::Replay(_) => Context::Replay,
            Screen::NewGame(form) if form.input.is_some() => Context::NewGameText,
            Screen::NewGame(_) => Context::NewGame,
            Screen::JoinForm(_) => Context::JoinForm,
            Screen::Connecting(connecting) if connecting.passcode.is_some() => Context::Passcode,
            Screen::Connecting(_) | Screen::Searching(_) => Context::Connecting,
            Screen::Rooms(_) => Context::Rooms,
            Screen::Lan(list) if list.is_filtering => Context::Filter,
            Screen::Lan(_) => Context::Lan,
            Screen::Failed(_) => Context::Failed,
            Screen::Game(game) => game.context(),
        }
    }

    /// The next instant at which the screen changes by time alone, or something is tried again.
    pub fn poll_timeout(&self, now: Instant) -> Option<Instant> {
        let counting = match &self.screen {
            Screen::Connecting(it) => it.passcode.is_none().then(|| after_second(it.since, now)),
            Screen::Rooms(rooms) => rooms.counting_since().map(|since| after_second(since, now)),
            Screen::Lan(list) => Some(after_second(list.since, now)),
            Screen::Searching(searching) => Some(searching.poll_timeout(now, &self.lan)),
            Screen::Replay(replay) => replay.poll_timeout(),
            Screen::Menu(_) | Screen::Game(_) => self.game().and_then(|game| game.next_tick(now)),
            Screen::Replays(_) | Screen::NewGame(_) | Screen::JoinForm(_) | Screen::Failed(_) => None,
        };
        let retry = self.online_game().and_then(Game::retry_at);
        let notice = self.game().and_then(|game| game.notices.poll_timeout());
        let calling = self.calling_game().and_then(|game| game.next_tick(now));
        [counting, calling, notice, retry, self.notifier.poll_timeout()].into_iter().flatten().min()
    }
}
