//! Faults, each a sentence for people and a stable code for programs.

use std::fmt;

/// What went wrong, as a stable kebab-case code. "No face" and "too dark" are results, not errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorCode {
    /// The bytes are not an image that can be read.
    DecodeFailed,
    /// The image exceeds a limit on bytes or pixels.
    ImageTooLarge,
    /// A kind of image that is refused on purpose.
    UnsupportedFormat,
    /// An option has a value that it can't have.
    InvalidOptions,
    /// The manifest could not be fetched.
    ManifestFetch,
    /// The manifest was fetched and is not one.
    ManifestInvalid,
    /// The manifest is not signed by the key that is set.
    ManifestSignature,
    /// A model could not be fetched.
    ModelFetch,
    /// A model's bytes are not those that the manifest names.
    ModelIntegrity,
    /// A model is verified but this library can't use it.
    ModelIncompatible,
    /// A model failed while it ran.
    InferenceFailed,
    /// The server could not be reached.
    ServerUnreachable,
    /// The server answered, and not with what was asked.
    ServerFailed,
    /// The server has no room for another request now.
    ServerBusy,
    /// It failed too often just now to be tried again already.
    CircuitOpen,
    /// A call took longer than it may.
    Timeout,
    /// The caller gave up.
    Aborted,
    /// What was asked has been closed.
    Closed,
    /// There is no room for what was asked.
    OutOfMemory,
    /// This host can't run WebAssembly SIMD, which a model without a plan needs.
    SimdUnsupported,
    /// Models could not be published.
    PublishFailed,
    /// A fault of this library.
    Internal,
}

impl ErrorCode {
    /// All of them.
    pub const ALL: [ErrorCode; 22] = [
        ErrorCode::DecodeFailed,
        ErrorCode::ImageTooLarge,
        ErrorCode::UnsupportedFormat,
        ErrorCode::InvalidOptions,
        ErrorCode::ManifestFetch,
        ErrorCode::ManifestInvalid,
        ErrorCode::ManifestSignature,
        ErrorCode::ModelFetch,
        ErrorCode::ModelIntegrity,
        ErrorCode::ModelIncompatible,
        ErrorCode::InferenceFailed,
        ErrorCode::ServerUnreachable,
        ErrorCode::ServerFailed,
        ErrorCode::ServerBusy,
        ErrorCode::CircuitOpen,
        ErrorCode::Timeout,
        ErrorCode::Aborted,
        ErrorCode::Closed,
        ErrorCode::OutOfMemory,
        ErrorCode::SimdUnsupported,
        ErrorCode::PublishFailed,
        ErrorCode::Internal,
    ];

    /// The code that programs see so; `None` of another.
    pub fn parse(text: &str) -> Option<ErrorCode> {
        ErrorCode::ALL.into_iter().find(|code| code.as_str() == text)
    }

    /// The code as programs see it, for example `decode-failed`.
    pub fn as_str(self) -> &'static str {
        match self {
            ErrorCode::DecodeFailed => "decode-failed",
            ErrorCode::ImageTooLarge => "image-too-large",
            ErrorCode::UnsupportedFormat => "unsupported-format",
            ErrorCode::InvalidOptions => "invalid-options",
            ErrorCode::ManifestFetch => "manifest-fetch",
            ErrorCode::ManifestInvalid => "manifest-invalid",
            ErrorCode::ManifestSignature => "manifest-signature",
            ErrorCode::ModelFetch => "model-fetch",
            ErrorCode::ModelIntegrity => "model-integrity",
            ErrorCode::ModelIncompatible => "model-incompatible",
            ErrorCode::InferenceFailed => "inference-failed",
            ErrorCode::ServerUnreachable => "server-unreachable",
            ErrorCode::ServerFailed => "server-failed",
            ErrorCode::ServerBusy => "server-busy",
            ErrorCode::CircuitOpen => "circuit-open",
            ErrorCode::Timeout => "timeout",
            ErrorCode::Aborted => "aborted",
            ErrorCode::Closed => "closed",
            ErrorCode::OutOfMemory => "out-of-memory",
            ErrorCode::SimdUnsupported => "simd-unsupported",
            ErrorCode::PublishFailed => "publish-failed",
            ErrorCode::Internal => "internal",
        }
    }
}

impl serde::Serialize for ErrorCode {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// A fault: a code and a sentence that says what to do about it where something can be done.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Error {
    /// For programs.
    pub code: ErrorCode,
    /// For people. Never holds pixels.
    pub message: String,
}

/// A result whose error is this crate's.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An error of a code with its sentence.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Error { code, message: message.into() }
    }

    /// Whether the caller no longer waits, which says nothing of what was asked.
    pub fn is_of_the_caller(&self) -> bool {
        matches!(self.code, ErrorCode::Aborted | ErrorCode::Timeout)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.message, self.code.as_str())
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_serialises_as_it_reads() {
        for code in ErrorCode::ALL {
            assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
            assert_eq!(ErrorCode::parse(code.as_str()), Some(code));
            let kebab = code.as_str().split('-').map(|word| word[..1].to_uppercase() + &word[1..]).collect::<String>();
            assert_eq!(format!("{code:?}"), kebab);
        }
        assert_eq!(ErrorCode::parse("no-such-code"), None);
    }
}
