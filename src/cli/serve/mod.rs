//! `freightpass serve`: reads the configuration, wires the rooms, listens, and drains when it is asked to stop.
//!
//! The order of a start: configuration, sockets (a port in use is said before anything is touched), the registry (which
//! locks the data folder), trust, certificates, rooms, listeners. It is ready when the look-up is built and a manifest is
//! published; only then health says so and the line is printed.

mod backups;
mod certificates;
mod rooms;
pub(in crate::cli) mod secrets;
mod supervisor;
mod tasks;

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

pub use self::backups::backup_places;
use self::certificates::Certificates;
pub use self::certificates::check as check_certificates;
use self::rooms::Rooms;
pub use self::rooms::offices;
pub use self::secrets::refuse_open_secrets;
use self::supervisor::State;
use self::tasks::Tasks;
use crate::clock::{Clock, SystemClock};
use crate::config::{Config, Flags};
use crate::rpc::{self, Ends, Health, Listener, routers};
use crate::telemetry;

/// The addresses of the running server, below the data folder.
const ADDRESSES_FILE: &str = "run/addresses.json";

/// Runs the server
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  freightpass serve --data data\n  \
                        freightpass serve --config deploy/production.toml")]
pub struct Args {
    #[command(flatten)]
    flags: Flags,
}

/// Runs the server until SIGTERM or SIGINT.
pub fn run(args: Args) -> anyhow::Result<()> {
    let config = Config::load(&args.flags)?;
    let file = args.flags.config.clone();
    config.check()?;
    refuse_open_secrets(&config)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let served = runtime.block_on(async {
        let traces = telemetry::start_log(&config.log, &config.telemetry)?;
        let served = serve(config, file).await;
        traces.finish().await;
        served
    });
    // Whatever still runs had its time: a commit is whole or is not.
    runtime.shutdown_background();
    served
}

async fn serve(config: Config, file: Option<PathBuf>) -> anyhow::Result<()> {
    // Before anything is started: a SIGHUP that comes early must not end the process.
    let hangup = signal(SignalKind::hangup())?;
    let public = listen("public", config.public.address).await?;
    let admin = listen("admin", config.admin.address).await?;
    let metrics = telemetry::start_metrics()?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);

    let rooms = Rooms::open(&config, Arc::clone(&clock)).await?;
    let certificates = Certificates::open(&config, rooms.deployment, clock.as_ref())?;
    let drain = CancellationToken::new();
    let stop = CancellationToken::new();
    let (mut background, watched) = rooms.spawn(&stop);
    let health = Health::not_ready(watched).await;

    let ends = Ends { longest: Duration::from_millis(config.limits.call_deadline_ms), drain: drain.clone() };
    let (mut public_routes, mut admin_routes) =
        (rooms.public_routes(&config), rooms.admin_routes(&config, backup_places(&config, file.as_deref())));
    if config.reflection() {
        public_routes = routers::with_reflection(public_routes, true)?;
        admin_routes = routers::with_reflection(admin_routes, false)?;
    }
    let objects = rpc::objects(Arc::clone(&rooms.publisher));
    let addresses = Addresses { public: public.local_addr()?, admin: admin.local_addr()? };
    let public = Listener {
        name: "public",
        socket: public,
        tls: certificates.public.as_ref().map(|served| Arc::clone(&served.live)),
        deployment: rooms.deployment,
        router: routers::public(public_routes, objects, &health, metrics.clone(), ends.clone()),
        limits: config.limits.clone(),
    };
    let admin = Listener {
        name: "admin",
        socket: admin,
        tls: Some(Arc::clone(&certificates.admin.live)),
        deployment: rooms.deployment,
        router: routers::admin(admin_routes, &health, ends),
        limits: config.limits.clone(),
    };

    let mut signals = Signals::new()?;
    let mut listeners = Tasks::default();
    listeners.spawn("the public listener", public.serve(drain.clone()));
    listeners.spawn("the admin listener", admin.serve(drain.clone()));
    background.spawn("health", health.clone().follow(stop.clone()));
    background.spawn("the watch over certificates", certificates.watch(Arc::clone(&clock), hangup, stop.clone()));
    background.spawn("the upkeep of metrics", telemetry::keep_up(metrics, stop.clone()));
    tracing::info!(public = %addresses.public, admin = %addresses.admin, "listening; not ready yet");

    let file = config.data_folder.join(ADDRESSES_FILE);
    let served = tokio::select! {
        () = signals.stop() => Ok(()),
        () = rooms.ready() => {
            health.set(true).await;
            addresses.write(&file)?;
            addresses.say(&certificates, &config.data_folder);
            supervisor::tell(State::Ready);
            tokio::select! {
                () = signals.stop() => Ok(()),
                broken = ends_too_early(&mut listeners, &mut background) => Err(broken),
            }
        }
        broken = ends_too_early(&mut listeners, &mut background) => Err(broken),
    };
    supervisor::tell(State::Stopping);

    match &served {
        Ok(()) => tracing::info!("stopping"),
        Err(broken) => tracing::error!(error = %broken, "stopping"),
    }
    let deadline = Duration::from_secs(config.drain_deadline_s);
    health.set(false).await;
    drain.cancel();
    let ended = timeout(deadline, async {
        listeners.all_end().await;
        stop.cancel();
        background.all_end().await;
    });
    tokio::select! {
        ended = ended => {
            if ended.is_err() {
                tracing::warn!(deadline_s = config.drain_deadline_s, "calls were cut off at the drain deadline");
            }
        }
        () = signals.stop() => tracing::warn!("calls were cut off by a second signal"),
    }
    let _ = fs::remove_file(&file);
    served
}

/// What should run until it is stopped has ended: without it the service would answer, and be wrong.
async fn ends_too_early(listeners: &mut Tasks, background: &mut Tasks) -> anyhow::Error {
    tokio::select! {
        ended = listeners.one_ends() => ended,
        ended = background.one_ends() => ended,
    }
}

async fn listen(name: &str, address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| {
        let advice = match error.kind() {
            std::io::ErrorKind::AddrInUse => {
                format!("; another program listens there: stop it, or choose another port with --{name}")
            }
            std::io::ErrorKind::PermissionDenied => "; ports below 1024 need a privilege".to_owned(),
            _ => String::new(),
        };
        anyhow::anyhow!("the {name} listener cannot listen on {address}: {error}{advice}")
    })
}

/// Where the server listens.
struct Addresses {
    public: SocketAddr,
    admin: SocketAddr,
}

impl Addresses {
    fn write(&self, file: &PathBuf) -> anyhow::Result<()> {
        let text = serde_json::json!({
            "public": self.public.to_string(),
            "admin": self.admin.to_string(),
            "pid": std::process::id(),
        });
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder).with_context(|| format!("{}", folder.display()))?;
        }
        let beside = file.with_extension("new");
        fs::write(&beside, format!("{text}\n")).with_context(|| format!("{}", beside.display()))?;
        fs::rename(&beside, file).with_context(|| format!("{}", file.display()))
    }

    fn say(&self, certificates: &Certificates, data: &Path) {
        use std::io::Write;

        let scheme = if certificates.public.is_some() { "https" } else { "http" };
        let line = format!(
            "freightpass ready public={scheme}://{} admin=https://{} data={}\n",
            self.public,
            self.admin,
            data.display()
        );
        // Nobody has to read it.
        let _ = std::io::stdout().write_all(line.as_bytes());
        let _ = std::io::stdout().flush();
    }
}

/// What asks the server to stop.
struct Signals {
    term: tokio::signal::unix::Signal,
    int: tokio::signal::unix::Signal,
}

impl Signals {
    fn new() -> anyhow::Result<Self> {
        Ok(Self { term: signal(SignalKind::terminate())?, int: signal(SignalKind::interrupt())? })
    }

    async fn stop(&mut self) {
        tokio::select! {
            _ = self.term.recv() => {}
            _ = self.int.recv() => {}
        }
    }
}
