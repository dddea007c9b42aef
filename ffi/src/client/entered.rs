use super::breeze_capacity;
use super::stored::{Head, breeze_client};
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
        if head.is_null() {
            return Err(breeze_result::NullPointer);
        }
        if !head.is_aligned() {
            return Err(breeze_result::Misaligned);
        }
        // SAFETY: it is not NULL and aligned, and may be read; any bytes are a number.
        unsafe { (*head).enter() }?;
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
        #[cfg(any(feature = "std", test))]
        let is_broken = std::thread::panicking();
        #[cfg(not(any(feature = "std", test)))]
        let is_broken = false;
        // SAFETY: as above.
        unsafe { (*self.client.cast::<Head>()).leave(is_broken) }
    }
}

/// Does something with the client of a call, whatever its capacities.
macro_rules! with_client {
    ($entered:expr, $client:ident => $body:expr) => {{
        use $crate::client::capacity::{Device, Host, Office};
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
            $crate::breeze_capacity::Host => {
                let $client = unsafe { &mut (*at.cast::<Stored<Host>>()).client };
                $body
            }
        }
    }};
}

pub(crate) use with_client;
