use std::time::Duration;

use async_io::Timer;
use smol::future;

/// Waits for a future, but no longer than `limit`: then it is dropped, and there is no outcome.
pub async fn within<T>(limit: Duration, what: impl Future<Output = T>) -> Option<T> {
    let expiry = async {
        Timer::after(limit).await;
        None
    };
    future::or(async { Some(what.await) }, expiry).await
}
