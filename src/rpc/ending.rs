//! The end of a call that lives long: at the caller's deadline with DEADLINE_EXCEEDED, at a drain with UNAVAILABLE. The
//! status goes into the trailers, so that the reader knows why the stream ended and when to come back.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::Body;
use bytes::Bytes;
use http::HeaderMap;
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use tokio::time::{Instant, Sleep, sleep_until};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};
use tonic::Status;

use super::status::{Reason, deadline_exceeded, unavailable};

/// A body that ends by itself, or at a deadline, or at a drain.
pub struct Ending {
    inner: Body,
    deadline: Option<Pin<Box<Sleep>>>,
    drain: Pin<Box<WaitForCancellationFutureOwned>>,
    /// What was ready when the drain began is still sent (health says NOT_SERVING), one frame of it.
    last_sent: bool,
    ended: bool,
}

impl Ending {
    /// `inner`, until `deadline` or `drain`.
    pub fn new(inner: Body, deadline: Option<Instant>, drain: CancellationToken) -> Self {
        Self {
            inner,
            deadline: deadline.map(|deadline| Box::pin(sleep_until(deadline))),
            drain: Box::pin(drain.cancelled_owned()),
            last_sent: false,
            ended: false,
        }
    }

    fn end(&mut self, status: &Status) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        self.ended = true;
        let mut trailers = HeaderMap::new();
        match status.add_header(&mut trailers) {
            Ok(()) => Poll::Ready(Some(Ok(Frame::trailers(trailers)))),
            Err(error) => Poll::Ready(Some(Err(axum::Error::new(error)))),
        }
    }
}

impl HttpBody for Ending {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if self.ended {
            return Poll::Ready(None);
        }
        let late = self.deadline.as_mut().is_some_and(|deadline| deadline.as_mut().poll(context).is_ready());
        if late {
            return self.end(&deadline_exceeded());
        }
        let draining = self.drain.as_mut().poll(context).is_ready();
        if !(draining && self.last_sent)
            && let Poll::Ready(frame) = Pin::new(&mut self.inner).poll_frame(context)
        {
            self.last_sent = draining;
            self.ended = frame.is_none();
            return Poll::Ready(frame);
        }
        if draining {
            return self.end(&unavailable(Reason::Draining, "the service is stopping; call again"));
        }
        Poll::Pending
    }

    fn is_end_stream(&self) -> bool {
        self.ended
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::default()
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use futures::{StreamExt, stream};
    use http_body_util::BodyExt;

    use super::*;

    fn endless() -> Body {
        let one = stream::once(async { Ok::<_, Infallible>(Bytes::from_static(b"x")) });
        Body::from_stream(one.chain(stream::pending()))
    }

    async fn code_at_end(mut body: Ending) -> String {
        loop {
            let frame = body.frame().await.unwrap().unwrap();
            if let Ok(trailers) = frame.into_trailers() {
                assert!(body.frame().await.is_none());
                return trailers["grpc-status"].to_str().unwrap().to_owned();
            }
        }
    }

    #[tokio::test]
    async fn a_drain_ends_an_endless_body_with_unavailable() {
        let drain = CancellationToken::new();
        let mut body = Ending::new(endless(), None, drain.clone());
        assert!(body.frame().await.unwrap().unwrap().is_data());
        drain.cancel();
        assert_eq!(code_at_end(body).await, "14");
    }

    #[tokio::test]
    async fn a_body_that_never_pauses_ends_too() {
        let drain = CancellationToken::new();
        let busy = stream::repeat_with(|| Ok::<_, Infallible>(Bytes::from_static(b"x")));
        let body = Ending::new(Body::from_stream(busy), None, drain.clone());
        drain.cancel();
        assert_eq!(code_at_end(body).await, "14");
    }

    #[tokio::test]
    async fn a_deadline_ends_it_with_deadline_exceeded() {
        let body = Ending::new(endless(), Some(Instant::now()), CancellationToken::new());
        assert_eq!(code_at_end(body).await, "4");
    }

    #[tokio::test]
    async fn a_body_that_ends_by_itself_gets_no_other_status() {
        let mut body = Ending::new(Body::from("x"), None, CancellationToken::new());
        assert!(body.frame().await.unwrap().unwrap().is_data());
        assert!(body.frame().await.is_none());
    }
}
