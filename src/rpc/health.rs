//! Whether the service can be used: gRPC health on both listeners, `/healthz` and `/readyz` on the public one.
//!
//! | name | serves while | for whom |
//! |---|---|---|
//! | (empty), `freightpass.v1.*`, `/readyz` | the instance is ready and does not drain | load balancers |
//! | `freightpass.answers` | CheckPass is known to hold every committed change | who routes only CheckPass |
//! | `freightpass.bus` | the bus (Redis) has what the status log has | people and alerts; never a load balancer |
//!
//! A Redis that is away changes no answer: CheckPass reads the registry then, half a second behind at the most. And it is
//! away for every instance: a load balancer that looked at it would take them all out at once, for the fault of a cache.
//! So its lag has a name of its own, and the names of the services do not follow it. What is wrong with one instance
//! alone, that neither bus nor registry brings it changes any more, is `freightpass.answers`; bundles are signed, and say
//! their age themselves.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, watch};
use tokio_util::sync::CancellationToken;
use tonic_health::ServingStatus;
use tonic_health::pb::health_server::HealthServer;
use tonic_health::server::{HealthReporter, HealthService};

use crate::bus::{BusHealth, IndexHealth};
use crate::clock::Clock;
use crate::identity::roles::TABLE;

/// The health name of the answers of CheckPass.
pub const ANSWERS: &str = "freightpass.answers";
/// The health name of the bus.
pub const BUS: &str = "freightpass.bus";

/// How often it is looked whether answers have become old.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// What health looks at besides readiness.
#[derive(Clone)]
pub struct Watched {
    /// The bus, as the relay sees it.
    pub bus: watch::Receiver<BusHealth>,
    /// The index behind CheckPass, as the feed sees it.
    pub index: watch::Receiver<IndexHealth>,
    /// Seq of the newest manifest, 0 for none.
    pub published: watch::Receiver<u32>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// The health of every service of this process.
#[derive(Clone)]
pub struct Health {
    reporter: HealthReporter,
    ready: watch::Sender<bool>,
    watched: Watched,
    /// What was said last of the answers and of the bus: whoever watches is told of changes only.
    said: Arc<Mutex<[Option<bool>; 2]>>,
}

impl Health {
    /// Not ready: nothing serves until [`Health::set`] says so.
    pub async fn not_ready(watched: Watched) -> Self {
        let ready = watch::Sender::new(false);
        let health = Self { reporter: HealthReporter::new(), ready, watched, said: Arc::default() };
        health.set(false).await;
        health
    }

    /// Says of every service, and of the whole, whether it serves; whoever watches is told at once.
    pub async fn set(&self, serving: bool) {
        self.ready.send_replace(serving);
        metrics::gauge!("freightpass_ready").set(f64::from(u8::from(serving)));
        self.reporter.set_service_status("", status(serving)).await;
        for service in services() {
            self.reporter.set_service_status(service, status(serving)).await;
        }
        self.say().await;
    }

    /// Follows the bus and the answers until it is stopped.
    pub async fn follow(self, stop: CancellationToken) {
        let mut bus = self.watched.bus.clone();
        loop {
            bus.mark_unchanged();
            self.say().await;
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(LOOK_EVERY) => {}
                Ok(()) = bus.changed() => {}
            }
        }
    }

    /// Whether it serves.
    pub fn is_ready(&self) -> bool {
        *self.ready.borrow()
    }

    /// The same in words, a line each for instance, answers, bus and manifest.
    pub fn words(&self) -> String {
        let now = self.watched.clock.now_s();
        let (bus, index) = (*self.watched.bus.borrow(), *self.watched.index.borrow());
        let ready = if self.is_ready() { "ready" } else { "not ready: starting or draining" };
        let manifest = match *self.watched.published.borrow() {
            0 => "none is signed yet".to_owned(),
            seq => format!("{seq} is the newest"),
        };
        format!("{ready}\nanswers: {}\nbus: {}\nmanifest: {manifest}\n", answers(&index, now), carried(&bus, now))
    }

    /// The gRPC service that answers for it.
    pub fn service(&self) -> HealthServer<HealthService> {
        HealthServer::new(HealthService::from_health_reporter(self.reporter.clone()))
    }

    async fn say(&self) {
        // Held over the saying, so that what is said last is what was seen last.
        let mut said = self.said.lock().await;
        let now = self.watched.clock.now_s();
        let (bus, index) = (*self.watched.bus.borrow(), *self.watched.index.borrow());
        metrics::gauge!("freightpass_index_age_seconds").set(index.age_s(now).map_or(f64::NAN, |age| age as f64));
        let ready = self.is_ready();
        let found = [ready && index.is_fresh(now), ready && !bus.lags(now)];
        for ((name, found), said) in [ANSWERS, BUS].into_iter().zip(found).zip(said.iter_mut()) {
            if said.replace(found) != Some(found) {
                self.reporter.set_service_status(name, status(found)).await;
            }
        }
    }
}

/// The full names of the services of freightpass.v1, each once.
pub fn services() -> Vec<String> {
    let mut names: Vec<_> = TABLE.iter().map(|(service, _, _)| format!("freightpass.v1.{service}")).collect();
    names.dedup();
    names
}

fn status(serving: bool) -> ServingStatus {
    if serving { ServingStatus::Serving } else { ServingStatus::NotServing }
}

fn answers(index: &IndexHealth, now: u64) -> String {
    let (Some(seq), Some(age)) = (index.seq, index.age_s(now)) else {
        return "none yet, the index is being built".to_owned();
    };
    let known = format!("they hold the status log up to {seq}, known to be all of it {age} s ago");
    if index.is_fresh(now) { format!("fresh; {known}") } else { format!("old; {known}") }
}

fn carried(bus: &BusHealth, now: u64) -> String {
    let missing = match bus.lag {
        0 => "no change is missing on it".to_owned(),
        1 => "1 change is missing on it".to_owned(),
        lag => format!("{lag} changes are missing on it"),
    };
    let trouble = match bus.trouble_s {
        _ if !bus.healthy => "; answers come from the registry meanwhile".to_owned(),
        Some(at) => format!("; it was rebuilt or did not answer {} s ago", now.saturating_sub(at)),
        None => String::new(),
    };
    let state = if bus.lags(now) { "lags" } else { "whole" };
    format!("{state}; {missing}{trouble}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::FixedClock;

    const NOW: i64 = 1_796_054_400;
    const NOW_S: u64 = NOW as u64;

    struct Scene {
        bus: watch::Sender<BusHealth>,
        index: watch::Sender<IndexHealth>,
        clock: Arc<FixedClock>,
        health: Health,
    }

    impl Scene {
        async fn ready() -> Self {
            let bus = watch::Sender::new(BusHealth { healthy: true, lag: 0, trouble_s: None });
            let index = watch::Sender::new(IndexHealth { seq: Some(41), complete_s: Some(NOW_S) });
            let clock = Arc::new(FixedClock::at(NOW));
            let watched = Watched {
                bus: bus.subscribe(),
                index: index.subscribe(),
                published: watch::Sender::new(7).subscribe(),
                clock: clock.clone(),
            };
            let health = Health::not_ready(watched).await;
            health.set(true).await;
            Self { bus, index, clock, health }
        }

        /// What is said of each name now.
        async fn said(&self) -> [bool; 2] {
            self.health.say().await;
            self.health.said.lock().await.map(Option::unwrap)
        }
    }

    #[tokio::test]
    async fn bus_that_is_away_is_said_under_its_own_name_alone() {
        let scene = Scene::ready().await;
        assert_eq!(scene.said().await, [true, true]);
        scene.bus.send_replace(BusHealth { healthy: false, lag: 3, trouble_s: Some(NOW_S) });
        assert_eq!(scene.said().await, [true, false]);
        assert!(scene.health.is_ready());
        let words = scene.health.words();
        assert!(words.starts_with("ready\nanswers: fresh; they hold the status log up to 41,"), "{words}");
        assert!(words.contains("\nbus: lags; 3 changes are missing on it; answers come from the registry"), "{words}");
        assert!(words.ends_with("\nmanifest: 7 is the newest\n"), "{words}");
    }

    #[tokio::test]
    async fn answers_that_nobody_can_vouch_for_are_said_to_be_old() {
        let scene = Scene::ready().await;
        scene.clock.advance(60);
        assert_eq!(scene.said().await, [false, true]);
        assert!(
            scene.health.words().contains("answers: old; they hold the status log up to 41, known to be all of it 60")
        );
        scene.index.send_replace(IndexHealth { seq: Some(42), complete_s: Some(NOW_S + 60) });
        assert_eq!(scene.said().await, [true, true]);
    }

    #[tokio::test]
    async fn nothing_serves_in_a_drain() {
        let scene = Scene::ready().await;
        scene.health.set(false).await;
        assert_eq!(scene.said().await, [false, false]);
        assert!(scene.health.words().starts_with("not ready"));
    }
}
