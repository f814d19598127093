//! The door for those who watch over a server: its metrics and a check of its health, on a listener of its own.

mod metrics;

use std::{collections::VecDeque, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{Request, State},
    http::{StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use hyper_util::{rt::TokioIo, service::TowerToHyperService};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::JoinSet,
    time::{sleep, timeout},
};
use tracing::debug;

use self::metrics::Metrics;
use super::{
    figures::Figures,
    input::Input,
    shared::Shared,
    web::{VISIT_TIMEOUT, http, refusal, seal, wrong},
};
use crate::logging::LogWriter;

/// Connections at one time. When full, the oldest one is cut off for a new one.
const MAX_CONNECTIONS: usize = 16;

/// Time for the host task to tell its figures, on a busy machine: one that needs longer plays no more.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(2);

/// The pause after the system could not accept a connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(20);

/// The listener for those who watch over a server.
#[derive(Debug)]
pub struct Admin {
    /// Answers whoever connects.
    pub listener: TcpListener,
    /// The log whose dropped lines are told.
    pub log: LogWriter,
}

/// The surroundings of the requests.
#[derive(Clone)]
struct Desk {
    shared: Arc<Shared>,
    log: LogWriter,
}

/// Starts to answer, if there is such a door, and returns the task.
pub(super) fn open(admin: Option<Admin>, shared: &Arc<Shared>) -> JoinSet<()> {
    let mut task = JoinSet::new();
    if let Some(Admin { listener, log }) = admin {
        task.spawn(serve(listener, Desk { shared: Arc::clone(shared), log }));
    }
    task
}

/// Answers requests until it is dropped.
async fn serve(listener: TcpListener, desk: Desk) {
    let router = Router::new()
        .route("/metrics", get(metrics))
        .route("/healthz", get(health))
        .fallback(async || refusal(StatusCode::NOT_FOUND, "There is /metrics and /healthz"))
        .layer(middleware::from_fn_with_state(desk.clone(), guard))
        .with_state(desk);
    let mut visits = JoinSet::new();
    let mut oldest_first = VecDeque::with_capacity(MAX_CONNECTIONS);
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    if oldest_first.len() == MAX_CONNECTIONS
                        && let Some(oldest) = oldest_first.pop_front()
                    {
                        tokio::task::AbortHandle::abort(&oldest);
                    }
                    oldest_first.push_back(visits.spawn(visit(stream, router.clone())));
                }
                Err(error) => {
                    debug!(%error, "cannot accept a connection of a watcher");
                    sleep(ACCEPT_PAUSE).await;
                }
            },
            Some(_ended) = visits.join_next() => oldest_first.retain(|visit| !visit.is_finished()),
        }
    }
}

async fn visit(stream: TcpStream, router: Router) {
    let connection = http().serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    // Whoever reads too slowly asks again.
    let _ended = timeout(VISIT_TIMEOUT, connection).await;
}

async fn guard(State(desk): State<Desk>, request: Request, next: Next) -> Response {
    let mut answer = match wrong(&request, &desk.shared.config.web_names) {
        Some((status, sentence)) => refusal(status, sentence),
        None => next.run(request).await,
    };
    seal(&mut answer);
    answer
}

async fn health(State(desk): State<Desk>) -> Response {
    match desk.host_figures().await {
        Some(_) => "ok\n".into_response(),
        None => refusal(StatusCode::SERVICE_UNAVAILABLE, "The server plays no more"),
    }
}

async fn metrics(State(desk): State<Desk>) -> Response {
    const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

    match desk.metrics().await.and_then(Metrics::into_text) {
        Some(text) => ([(header::CONTENT_TYPE, CONTENT_TYPE), (header::CACHE_CONTROL, "no-store")], text)
            .into_response(),
        None => refusal(StatusCode::SERVICE_UNAVAILABLE, "The server plays no more"),
    }
}

impl Desk {
    /// The figures of the host task, `None` if it does not run.
    async fn host_figures(&self) -> Option<Box<Figures>> {
        let (reply, told) = oneshot::channel();
        let figures = async {
            self.shared.tell_host(Input::Measured { reply }).await.ok()?;
            told.await.ok()
        };
        timeout(ANSWER_TIMEOUT, figures).await.ok()?
    }

    async fn metrics(&self) -> Option<Metrics> {
        let figures = self.host_figures().await?;
        Some(Metrics { figures, shared: Arc::clone(&self.shared), log: self.log.clone() })
    }
}

#[cfg(test)]
mod tests {
    use std::{io, time::Instant};

    use tokio::sync::mpsc;

    use super::*;
    use crate::{
        lobby::Epoch,
        logging::LogQueue,
        shell::{
            config::Config,
            crowd::{Crowd, Maxima},
            origins::Origins,
            tally::Reporter,
            web::Answers,
        },
    };

    /// Checks that there is no answer without a host task that runs.
    async fn check_unhealthy(inputs: mpsc::Sender<Input>) {
        let maxima = Maxima { unproven: 1, unproven_per_source: 1, texts_per_source: 1 };
        let shared = Arc::new(Shared {
            config: Config::new("den".parse().unwrap()),
            epoch: Epoch::new(Instant::now()),
            origins: Origins::new(),
            inputs,
            asked: mpsc::channel(1).0,
            crowd: Arc::new(Crowd::new(maxima)),
            tcp: Arc::default(),
            udp: Arc::default(),
            web: Arc::default(),
            answers: Answers::default(),
            reporter: Reporter::new(Instant::now()),
        });
        let log = LogQueue::start(io::sink()).unwrap().writer();
        let desk = Desk { shared, log };
        assert_eq!(health(State(desk.clone())).await.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(metrics(State(desk)).await.status(), StatusCode::SERVICE_UNAVAILABLE);
    }

    #[tokio::test(start_paused = true)]
    async fn a_host_task_that_is_gone_or_stuck_is_not_healthy() {
        let (inputs, queue) = mpsc::channel(1);
        drop(queue);
        check_unhealthy(inputs).await;
        let (inputs, _never_read) = mpsc::channel(1);
        check_unhealthy(inputs).await;
    }
}
