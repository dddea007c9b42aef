use super::breeze_capacity;
use super::stored::{Head, breeze_client};
use crate::arguments::check;
use crate::breeze_result;

/// Is a call that a client is in: nobody else gets at it meanwhile.
pub(crate) struct Entered {
    client: *mut breeze_client,
}

impl Entered {
    /// Begins a call with a client.
    ///
    /// # Safety
    /// If `client` is neither NULL nor misaligned, it leads to storage that may be read.
    pub(crate) unsafe fn new(client: *mut breeze_client) -> Result<Self, breeze_result> {
        let head = client.cast::<Head>();
        check(head)?;
        // SAFETY: it is not NULL and aligned, and may be read; any bytes are a number.
        unsafe { (*head).life.enter() }?;
        Ok(Self { client })
    }

    pub(crate) fn pointer(&self) -> *mut breeze_client {
        self.client
    }

    pub(crate) fn capacity(&self) -> breeze_capacity {
        // SAFETY: whoever has entered has seen that a client was made there, with its head.
        unsafe { (*self.client.cast::<Head>()).capacity }
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        // SAFETY: as above.
        unsafe { (*self.client.cast::<Head>()).life.leave() }
    }
}

/// Does something with the client of a call, whatever its capacities.
macro_rules! with_client {
    ($entered:expr, $client:ident => $body:expr) => {{
        use $crate::client::capacity::{Device, Office};
        use $crate::client::stored::Stored;

        let entered: &$crate::client::entered::Entered = $entered;
        let at = entered.pointer();
        // SAFETY: whoever has entered has seen that a client of this capacity was made there, and
        // nobody else gets at it until the call is over.
        match entered.capacity() {
            $crate::breeze_capacity::Device => {
                let $client = unsafe { &mut (*at.cast::<Stored<Device>>()).client };
                $body
            }
            $crate::breeze_capacity::Office => {
                let $client = unsafe { &mut (*at.cast::<Stored<Office>>()).client };
                $body
            }
        }
    }};
}

pub(crate) use with_client;

#[cfg(test)]
mod tests {
    use core::ptr;

    use super::*;
    use crate::guard::guard;
    use crate::{breeze_client_deinit, breeze_client_init, breeze_client_size};
    use crate::{breeze_client_timeout, breeze_config, breeze_config_default};

    /// Does something with a client that lives for it.
    fn with(test: impl FnOnce(*mut breeze_client)) {
        let capacity = breeze_capacity::Device as u32;
        let size = breeze_client_size(capacity);
        let mut storage = vec![0_u128; size.div_ceil(16)];
        let (mut config, mut client) = (core::mem::MaybeUninit::uninit(), ptr::null_mut());
        let secret = [1; 32];
        // SAFETY: all of it is there.
        unsafe {
            let at: *mut breeze_config = config.as_mut_ptr();
            assert_eq!(breeze_config_default(at, size_of::<breeze_config>()), breeze_result::Ok);
            (*at).user = c"alice".as_ptr();
            ((*at).identity, (*at).secret_seed) = (secret.as_ptr(), secret.as_ptr());
            let storage = storage.as_mut_ptr().cast();
            let made = breeze_client_init(storage, size, capacity, at, 0, &mut client);
            assert_eq!(made, breeze_result::Ok);
            test(client);
            assert_eq!(breeze_client_deinit(client), breeze_result::Ok);
            assert_eq!(breeze_client_timeout(client, 0), breeze_result::NotAClient);
        }
    }

    #[test]
    fn a_client_is_in_one_call_at_a_time() {
        with(|client| {
            // SAFETY: the client is there.
            unsafe {
                let entered = Entered::new(client).expect("nobody is in a call");
                assert_eq!(breeze_client_timeout(client, 0), breeze_result::InUse);
                assert_eq!(breeze_client_deinit(client), breeze_result::InUse);
                drop(entered);
                assert_eq!(breeze_client_timeout(client, 0), breeze_result::Ok);
            }
        });
    }

    #[test]
    fn a_panic_ends_the_call_and_the_client_but_nothing_else() {
        with(|client| {
            let result = guard(|| {
                // SAFETY: the client is there.
                let _entered = unsafe { Entered::new(client) }?;
                panic!("as a mistake would")
            });
            assert_eq!(result, breeze_result::Panicked);
            // SAFETY: the client is there.
            assert_eq!(unsafe { breeze_client_timeout(client, 0) }, breeze_result::Panicked);
        });
    }
}
