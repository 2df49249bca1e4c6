//! What is asked of certificate policies and of extended key usage, as options and as a field of a line.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::evidence::{PolicyArgs, Rules};
use crate::der::Oid;
use crate::policy::PolicyInputs;
use crate::service::FieldError;

/// A policy as it is written on the command line.
///
/// # Errors
///
/// What an identifier looks like, when it is none, or a longer one than can be compared.
pub fn parse(text: &str) -> Result<Oid, String> {
    identifier(text).ok_or_else(|| "a policy is an object identifier such as 1.2.398.3.3.2.3".to_owned())
}

/// An extended key usage as it is written on the command line.
///
/// # Errors
///
/// As [`parse`].
pub fn parse_usage(text: &str) -> Result<Oid, String> {
    identifier(text).ok_or_else(|| "an extended key usage is an object identifier such as 1.3.6.1.5.5.7.3.4".to_owned())
}

fn identifier(text: &str) -> Option<Oid> {
    Oid::new(text.trim()).ok()
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
    #[serde(alias = "extended-key-usage", alias = "extended_key_usages")]
    extended_key_usage: Option<Names>,
}

/// One identifier or several.
#[derive(Deserialize)]
#[serde(untagged)]
enum Names {
    One(String),
    Many(Vec<String>),
}

/// A member of the field that names object identifiers.
struct Member {
    name: &'static str,
    /// What an identifier is read by.
    parse: fn(&str) -> Result<Oid, String>,
    /// What it names none of.
    what: &'static str,
    /// What it means to leave it out.
    without: &'static str,
}

const INITIAL_POLICY: Member = Member {
    name: "policy.initial_policy",
    parse,
    what: "policy",
    without: "leave the field out to accept any policy",
};

const EXTENDED_KEY_USAGE: Member = Member {
    name: "policy.extended_key_usage",
    parse: parse_usage,
    what: "usage",
    without: "leave the field out to ask for none",
};

impl Member {
    /// What the line says, over what the command line says.
    fn over(&self, names: Option<&Names>, default: &BTreeSet<Oid>, errors: &mut Vec<FieldError>) -> BTreeSet<Oid> {
        let names = match names {
            None => return default.clone(),
            Some(Names::One(name)) => std::slice::from_ref(name),
            Some(Names::Many(names)) => names.as_slice(),
        };
        if names.is_empty() {
            // An empty set asks for nothing, and would lift what the command line demands.
            let (problem, remedy) =
                (format!("names no {}", self.what), format!("name a {}; {}", self.what, self.without));
            errors.push(FieldError::new(self.name, "empty", problem, remedy));
        }
        let parsed = names.iter().enumerate().filter_map(|(index, name)| {
            let refused = |problem| {
                let (field, remedy) =
                    (format!("{}[{index}]", self.name), format!("write it with dots; {}", self.without));
                errors.push(FieldError::new(field, "malformed", problem, remedy));
            };
            (self.parse)(name).map_err(refused).ok()
        });
        parsed.collect()
    }
}

impl PolicyField {
    /// What the line asks of policies and of extended key usage, over what the command line does.
    ///
    /// # Errors
    ///
    /// Every identifier that is none.
    pub fn over(&self, defaults: &Rules) -> Result<(PolicyInputs, BTreeSet<Oid>), Vec<FieldError>> {
        let mut errors = Vec::new();
        let policies = &defaults.policies;
        let initial_policies =
            INITIAL_POLICY.over(self.initial_policy.as_ref(), &policies.initial_policies, &mut errors);
        let usages =
            EXTENDED_KEY_USAGE.over(self.extended_key_usage.as_ref(), &defaults.extended_key_usages, &mut errors);
        if !errors.is_empty() {
            return Err(errors);
        }
        let inputs = PolicyInputs {
            initial_policies,
            require_explicit_policy: self.require_explicit_policy.unwrap_or(policies.require_explicit_policy),
            inhibit_policy_mapping: self.inhibit_policy_mapping.unwrap_or(policies.inhibit_policy_mapping),
            inhibit_any_policy: self.inhibit_any_policy.unwrap_or(policies.inhibit_any_policy),
        };
        Ok((inputs, usages))
    }
}
