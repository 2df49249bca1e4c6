//! Inputs of certificate-policy processing, as options and as a field of a line.

use serde::Deserialize;

use super::evidence::PolicyArgs;
use crate::der::Oid;
use crate::policy::PolicyInputs;
use crate::service::FieldError;

/// A policy as it is written on the command line.
///
/// # Errors
///
/// What an identifier looks like, when it is none, or a longer one than can be compared.
pub fn parse(text: &str) -> Result<Oid, String> {
    Oid::new(text.trim()).map_err(|_| "a policy is an object identifier such as 1.2.398.3.3.2.3".to_owned())
}

impl From<&PolicyArgs> for PolicyInputs {
    fn from(args: &PolicyArgs) -> Self {
        Self {
            initial_policies: args.initial_policy.iter().copied().collect(),
            require_explicit_policy: args.require_explicit_policy,
            inhibit_policy_mapping: args.inhibit_policy_mapping,
            inhibit_any_policy: args.inhibit_any_policy,
        }
    }
}

/// `policy` of a line, by the names of the options.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PolicyField {
    #[serde(alias = "initial-policy", alias = "initial_policies")]
    initial_policy: Option<Names>,
    #[serde(alias = "require-explicit-policy")]
    require_explicit_policy: Option<bool>,
    #[serde(alias = "inhibit-policy-mapping")]
    inhibit_policy_mapping: Option<bool>,
    #[serde(alias = "inhibit-any-policy")]
    inhibit_any_policy: Option<bool>,
}

/// One identifier or several.
#[derive(Deserialize)]
#[serde(untagged)]
enum Names {
    One(String),
    Many(Vec<String>),
}

impl PolicyField {
    /// What the line says, over what the command line says.
    ///
    /// # Errors
    ///
    /// Every identifier that is none.
    pub fn over(&self, defaults: &PolicyInputs) -> Result<PolicyInputs, Vec<FieldError>> {
        let named = match &self.initial_policy {
            None => None,
            Some(Names::One(name)) => Some(std::slice::from_ref(name)),
            Some(Names::Many(names)) => Some(names.as_slice()),
        };
        let mut errors = Vec::new();
        let initial_policies = match named {
            None => defaults.initial_policies.clone(),
            Some(names) => {
                let parsed = names.iter().enumerate().filter_map(|(index, name)| {
                    let field = || format!("policy.initial_policy[{index}]");
                    let remedy = "write it with dots; leave the field out to accept any policy";
                    parse(name)
                        .map_err(|problem| errors.push(FieldError::new(field(), "malformed", problem, remedy)))
                        .ok()
                });
                parsed.collect()
            }
        };
        if named.is_some_and(<[String]>::is_empty) {
            // An empty set is any policy to the standard, and would lift what the command line demands.
            let remedy = "name a policy; leave the field out to accept any policy";
            errors.push(FieldError::new("policy.initial_policy", "empty", "names no policy", remedy));
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        Ok(PolicyInputs {
            initial_policies,
            require_explicit_policy: self.require_explicit_policy.unwrap_or(defaults.require_explicit_policy),
            inhibit_policy_mapping: self.inhibit_policy_mapping.unwrap_or(defaults.inhibit_policy_mapping),
            inhibit_any_policy: self.inhibit_any_policy.unwrap_or(defaults.inhibit_any_policy),
        })
    }
}
