//! What a library's return values mean for us.

use cryptoki::error::{Error, RvError};

use super::super::error::KeyError;

/// Why a call failed, and whether a new session, or a library started anew, may help.
#[derive(Debug)]
pub(super) struct Fault {
    pub error: KeyError,
    pub again: bool,
    /// Whether it is that the token is not there.
    pub absent: bool,
}

impl Fault {
    /// One that may pass.
    pub fn passing(error: KeyError) -> Self {
        let absent = matches!(error, KeyError::TokenAbsent(_));
        Self { error, again: true, absent }
    }
}

impl From<KeyError> for Fault {
    fn from(error: KeyError) -> Self {
        Self { error, again: false, absent: false }
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        // The text has the name of the function and of the return value, nothing of what was passed.
        let device = KeyError::Device(error.to_string());
        let Error::Pkcs11(value, _) = error else { return device.into() };
        match value {
            RvError::PinIncorrect | RvError::PinInvalid | RvError::PinLenRange => KeyError::PinWrong.into(),
            RvError::PinLocked => KeyError::PinLocked.into(),
            RvError::DeviceRemoved | RvError::TokenNotPresent | RvError::TokenNotRecognized => {
                Self { absent: true, ..Self::passing(device) }
            }
            RvError::CryptokiNotInitialized
            | RvError::DeviceError
            | RvError::DeviceMemory
            | RvError::FunctionFailed
            | RvError::GeneralError
            | RvError::KeyHandleInvalid
            | RvError::ObjectHandleInvalid
            | RvError::OperationActive
            | RvError::OperationNotInitialized
            | RvError::SessionClosed
            | RvError::SessionCount
            | RvError::SessionHandleInvalid
            | RvError::SlotIdInvalid
            | RvError::UserNotLoggedIn
            | RvError::VendorDefined(_)
            | RvError::UnknownErrorCode(_) => Self::passing(device),
            _ => device.into(),
        }
    }
}
