//! Several things at once. Ours, because what futures-util has for a list brings a queue for thousands, some kilobytes of it.

use std::future::{poll_fn, Future};
use std::task::Poll;

use crate::error::Result;

/// Does all at once, each going on while others wait: what came of each, in their order, or the first error, which ends the others.
pub(super) async fn together<T>(all: impl Iterator<Item = impl Future<Output = Result<T>>>) -> Result<Vec<T>> {
    let mut going: Vec<_> = all.map(|one| (Box::pin(one), None)).collect();
    poll_fn(|context| {
        let mut pending = false;
        for (one, came) in going.iter_mut().filter(|(_, came)| came.is_none()) {
            match one.as_mut().poll(context) {
                Poll::Ready(Ok(output)) => *came = Some(output),
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => pending = true,
            }
        }
        if pending {
            Poll::Pending
        } else {
            Poll::Ready(Ok(()))
        }
    })
    .await?;
    Ok(going.into_iter().filter_map(|(_, came)| came).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Error, ErrorCode};
    use std::cell::Cell;
    use std::pin::pin;
    use std::task::{Context, Waker};

    #[test]
    fn one_goes_on_while_another_waits() {
        let ended = Cell::new(0);
        // Each waits until those after it have ended.
        let waits = |number: usize| {
            poll_fn({
                let ended = &ended;
                move |_| {
                    if ended.get() < 2 - number {
                        return Poll::Pending;
                    }
                    ended.set(ended.get() + 1);
                    Poll::Ready(Ok(number))
                }
            })
        };
        let mut all = pin!(together((0..3).map(waits)));
        let mut context = Context::from_waker(Waker::noop());
        assert!(all.as_mut().poll(&mut context).is_pending());
        assert!(all.as_mut().poll(&mut context).is_pending());
        assert_eq!(all.as_mut().poll(&mut context), Poll::Ready(Ok(vec![0, 1, 2])));
    }

    #[test]
    fn one_that_fails_ends_the_others() {
        let fails = |number: usize| {
            poll_fn(move |_| match number {
                0 => Poll::Pending,
                _ => Poll::Ready(Err::<(), _>(Error::new(ErrorCode::ModelFetch, "none"))),
            })
        };
        let mut context = Context::from_waker(Waker::noop());
        let Poll::Ready(ended) = pin!(together((0..2).map(fails))).poll(&mut context) else { panic!("it waits") };
        assert_eq!(ended.unwrap_err().code, ErrorCode::ModelFetch);
    }
}
