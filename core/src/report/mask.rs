//! Credentials out of text: passwords in URLs and settings, tokens of known forms, keys.
//! Knows only text. Prefers to mask too much in a value over too little, but leaves code that
//! merely passes a secret on (`password=password`, `token=get_token()`) as it is.

use regex::{Captures, Regex};
use std::borrow::Cow;
use std::sync::OnceLock;

/// What stands where a credential stood.
pub const MASK: &str = "***";

/// Tokens that are recognised by their own form; group 1, where there is one, is kept.
const TOKENS: &[&str] = &[
    r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----(?s:.*?)(?:-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----|\z)",
    r"(?-u:\b)eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?",
    r"(?-u:\b)(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?-u:\b)",
    r"(?-u:\b)gh[pousr]_[A-Za-z0-9]{20,}(?-u:\b)",
    r"(?-u:\b)github_pat_[A-Za-z0-9_]{20,}(?-u:\b)",
    r"(?-u:\b)glpat-[A-Za-z0-9_-]{20,}",
    r"(?-u:\b)xox[abeoprs]-[A-Za-z0-9-]{10,}",
    r"(?-u:\b)xapp-[A-Za-z0-9-]{10,}",
    r"(hooks\.slack\.com/services/)[A-Za-z0-9/]{10,}",
    r"(discord(?:app)?\.com/api/webhooks/[0-9]+/)[A-Za-z0-9_-]{10,}",
    r"(?-u:\b)[rsp]k_(?:live|test)_[A-Za-z0-9]{10,}(?-u:\b)",
    r"(?-u:\b)whsec_[A-Za-z0-9]{16,}",
    r"(?-u:\b)AIza[A-Za-z0-9_-]{35}",
    r"(?-u:\b)ya29\.[A-Za-z0-9_-]{20,}",
    r"(?-u:\b)sk-(?:[a-z]+-)*[A-Za-z0-9_-]{20,}",
    r"(?-u:\b)npm_[A-Za-z0-9]{30,}(?-u:\b)",
    r"(?-u:\b)pypi-[A-Za-z0-9_-]{16,}",
    r"(?-u:\b)hf_[A-Za-z0-9]{30,}(?-u:\b)",
    r"(?-u:\b)SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}",
    r"(?-u:\b)dop_v1_[a-f0-9]{32,}(?-u:\b)",
    r"(?-u:\b)shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}(?-u:\b)",
    r"(?-u:\b)ATATT3[A-Za-z0-9_=-]{20,}",
];

/// What every token of [`TOKENS`] holds: nearly all texts hold none of it, and then one search answers for all.
const TOKEN_SIGNS: &str = concat!(
    r"PRIVATE KEY|eyJ|AKIA|ASIA|ABIA|ACCA|gh[pousr]_|github_pat_|glpat-|xox[abeoprs]-|xapp-|hooks\.slack\.com|",
    r"/api/webhooks/|[rsp]k_|whsec_|AIza|ya29\.|sk-|npm_|pypi-|hf_|SG\.|dop_v1_|shp(?:at|ca|pa|ss)_|ATATT3"
);
/// What every text holds in which [`URL_PASSWORD`], [`URL_TOKEN`], [`HEADER`] or [`SCHEME`] finds something.
const PAIR_SIGNS: &str = r"(?i)://|authorization|bearer|basic";

/// `scheme://user:SECRET@host`
const URL_PASSWORD: &str = r#"([a-zA-Z][a-zA-Z0-9+.-]*://[^\t-\r /:@'"`<>]*:)([^\t-\r /'"`<>]+)(@)"#;
/// `https://TOKEN@host`: a long user name without password.
const URL_TOKEN: &str = r#"([a-zA-Z][a-zA-Z0-9+.-]*://)([A-Za-z0-9_-]{20,})(@)"#;
/// `Authorization: Bearer SECRET` and alike.
const HEADER: &str = r#"(?i)(?-u:\b)(authorization["'`]?[\t-\r ]*[:=,][\t-\r ]*["'`]?(?:(?:bearer|basic|token|digest|apikey)[\t-\r ]+)?)([^\t-\r "'`,;]+)()"#;
/// `Bearer SECRET` without the header's name.
const SCHEME: &str = r"(?i)(?-u:\b)((?:bearer|basic)[\t-\r ]+)([A-Za-z0-9._~+/=-]{16,})()";
/// `key = SECRET`: key, separator, quoted or bare value.
const SETTING: &str = concat!(
    r#"(?i)([A-Za-z0-9_.-]*(?:password|passwd|passphrase|pwd|secret|token|api[_-]?key|access[_-]?key(?:[_-]?id)?|"#,
    r#"account[_-]?key|private[_-]?key|secret[_-]?key|encryption[_-]?key|signing[_-]?key|shared[_-]?access[_-]?(?:key|signature)|"#,
    r#"credentials?|signature))(["'`\]]*[\t-\r ]*(?:=>|:=|[=:])[\t-\r ]*)("[^"\n]*"|'[^'\n]*'|`[^`\n]*`|[^\t-\r "'`,;&|<>)\]}]+)"#
);

/// Compiled patterns.
#[derive(Debug)]
pub struct Masker {
    tokens: Guarded,
    pairs: Guarded,
    setting: Option<Regex>,
}

/// Patterns that are compiled and searched for only where one quick search finds a sign of them.
#[derive(Debug)]
struct Guarded {
    signs: Option<Regex>,
    patterns: &'static [&'static str],
    compiled: OnceLock<Vec<Regex>>,
}

impl Guarded {
    fn new(signs: &str, patterns: &'static [&'static str]) -> Self {
        Self { signs: Regex::new(signs).ok(), patterns, compiled: OnceLock::new() }
    }

    /// The patterns, unless `text` holds none of their signs.
    fn of(&self, text: &str) -> &[Regex] {
        if self.signs.as_ref().is_some_and(|signs| signs.is_match(text)) { self.all() } else { &[] }
    }

    fn all(&self) -> &[Regex] {
        self.compiled.get_or_init(|| self.patterns.iter().filter_map(|pattern| Regex::new(pattern).ok()).collect())
    }
}

impl Default for Masker {
    fn default() -> Self {
        Self::new()
    }
}

impl Masker {
    /// Compiles the patterns (a test holds that all of them compile).
    #[must_use]
    pub fn new() -> Self {
        Self {
            tokens: Guarded::new(TOKEN_SIGNS, TOKENS),
            pairs: Guarded::new(PAIR_SIGNS, &[URL_PASSWORD, URL_TOKEN, HEADER, SCHEME]),
            setting: Regex::new(SETTING).ok(),
        }
    }

    /// `text` with every credential replaced by [`MASK`].
    #[must_use]
    pub fn mask<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut masked = Cow::Borrowed(text);
        for token in self.tokens.of(text) {
            masked =
                replaced(token, masked, |found| format!("{}{MASK}", found.get(1).map_or("", |kept| kept.as_str())));
        }
        let pairs = self.pairs.of(&masked);
        for pair in pairs {
            masked = replaced(pair, masked, |found| {
                let secret = &found[2];
                if is_placeholder(secret) || (found[3].is_empty() && !has_digit(secret)) {
                    return found[0].to_owned();
                }
                format!("{}{MASK}{}", &found[1], &found[3])
            });
        }
        if let Some(setting) = &self.setting
            && setting.is_match(&masked)
        {
            let whole = masked.into_owned();
            let by = |found: &Captures<'_>| {
                let before = found.get(0).and_then(|all| whole.get(..all.start())).unwrap_or_default();
                let after = found.get(0).and_then(|all| whole.get(all.end()..)).unwrap_or_default();
                setting_masked(found, before, after)
            };
            masked = Cow::Owned(setting.replace_all(&whole, by).into_owned());
        }
        masked
    }

    /// Replaces `text` in place.
    pub fn mask_in(&self, text: &mut String) {
        if let Cow::Owned(masked) = self.mask(text) {
            *text = masked;
        }
    }

    /// Masks `value` by its own form, and wholly where `key` names a secret.
    pub fn mask_pair(&self, key: &str, value: &mut String) {
        self.mask_in(value);
        let probe = format!("{}=x1", key.rsplit('.').next().unwrap_or(key));
        if !is_placeholder(value) && !value.is_empty() && self.mask(&probe) != probe {
            MASK.clone_into(value);
        }
    }
}

fn replaced<'t>(pattern: &Regex, text: Cow<'t, str>, by: impl Fn(&Captures<'_>) -> String) -> Cow<'t, str> {
    if !pattern.is_match(&text) {
        return text;
    }
    Cow::Owned(pattern.replace_all(&text, |found: &Captures<'_>| by(found)).into_owned())
}

fn has_digit(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_digit())
}

/// `{password}`, `${PASSWORD}`, `%(password)s`, `%s`, `<password>`, `***`, `…`, nothing.
fn is_placeholder(text: &str) -> bool {
    let open = text.starts_with(['{', '$', '<', '%', '[']);
    let filler = text.chars().all(|c| matches!(c, '*' | 'x' | 'X' | '.' | '…' | '-' | '_'));
    text.is_empty() || open || filler
}

fn setting_masked(found: &Captures<'_>, before: &str, after: &str) -> String {
    let (key, separator, value) = (&found[1], &found[2], &found[3]);
    let keep = || found[0].to_owned();
    if let Some(quote) = value.chars().next().filter(|c| matches!(c, '"' | '\'' | '`')) {
        let inner = value.trim_matches(quote);
        // An f-string hole or a whole-value placeholder is not a secret; backticks quote a name in a message.
        let name = quote == '`' && inner.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '(' | ')'));
        if is_placeholder(inner) || name {
            return keep();
        }
        return format!("{key}{separator}{quote}{MASK}{quote}");
    }
    if is_placeholder(value) || is_code(key, separator, value, before, after) {
        return keep();
    }
    format!("{key}{separator}{MASK}")
}

/// Whether a bare value is an expression, a type or prose and not a literal secret.
fn is_code(key: &str, separator: &str, value: &str, before: &str, after: &str) -> bool {
    let word = value.trim_end_matches('.');
    let lower = word.to_lowercase();
    if NOT_SECRET.contains(&lower.as_str()) {
        return true;
    }
    // `password == other`, `signature::`
    if value.starts_with(['=', ':', '!']) || separator.contains(":=") {
        return true;
    }
    if value.contains(['(', '[']) || after.starts_with(['(', '[']) || lower == key.to_lowercase() {
        return true;
    }
    if word.bytes().all(|byte| byte.is_ascii_digit()) {
        // `max_token=100` is a number, `pin_secret=123456` is not.
        return word.len() < 6;
    }
    let dotted = word.contains('.') && word.split('.').all(|part| is_identifier(part) && !has_digit(part));
    if dotted {
        return true;
    }
    if word.chars().any(|c| !c.is_alphanumeric() && c != '_') || has_digit(word) {
        return false;
    }
    // Letters only: a name in code, a literal in environment files, connection strings and queries.
    if after.starts_with([',', ')', '}', ']']) || before.trim_end().ends_with(['(', ',']) {
        return true;
    }
    let shouting = key.len() > 3 && !key.chars().any(char::is_lowercase);
    !(separator == "=" || (shouting && separator.trim_end() == ":"))
}

/// Values that say nothing: constants, types, schemes.
const NOT_SECRET: &[&str] = &[
    "any",
    "basic",
    "bearer",
    "bool",
    "bytes",
    "false",
    "int",
    "nil",
    "none",
    "null",
    "optional",
    "secretstr",
    "str",
    "string",
    "true",
    "undefined",
];

fn is_identifier(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mask(text: &str) -> String {
        Masker::new().mask(text).into_owned()
    }

    #[test]
    fn all_patterns_compile() {
        let masker = Masker::new();
        assert_eq!((masker.tokens.all().len(), masker.pairs.all().len()), (TOKENS.len(), 4));
        assert!(masker.tokens.signs.is_some() && masker.pairs.signs.is_some());
        assert!(masker.setting.is_some());
    }

    #[test]
    fn urls() {
        for (text, expected) in [
            ("postgresql+asyncpg://shop:s3cr3t@db/shop", "postgresql+asyncpg://shop:***@db/shop"),
            ("redis://:hunter2@cache:6379/0", "redis://:***@cache:6379/0"),
            ("mysql://root:p@ss@w0rd@db/x", "mysql://root:***@db/x"),
            ("amqp://guest:guest@mq//", "amqp://guest:***@mq//"),
            ("see `mongodb+srv://a:b@c/d` and http://x:y@z", "see `mongodb+srv://a:***@c/d` and http://x:***@z"),
            ("https://9f8a7b6c5d4e3f2a1b0c9d8e@sentry.io/12", "https://***@sentry.io/12"),
            ("https://x.io/cb?access_token=abcdef&x=1", "https://x.io/cb?access_token=***&x=1"),
        ] {
            assert_eq!(mask(text), expected);
        }
    }

    #[test]
    fn settings() {
        for (text, expected) in [
            (r#"create_engine(url, password="s3cret")"#, r#"create_engine(url, password="***")"#),
            ("connect(passwd='changeme')", "connect(passwd='***')"),
            (r#"{"client_secret": "abc", "id": 1}"#, r#"{"client_secret": "***", "id": 1}"#),
            ("host=db user=shop password=secret dbname=x", "host=db user=shop password=*** dbname=x"),
            ("DB_PASSWORD=changeme", "DB_PASSWORD=***"),
            ("POSTGRES_PASSWORD: postgres", "POSTGRES_PASSWORD: ***"),
            ("password: hunter2", "password: ***"),
            ("api-key: a8f5f167f44f4964e6c998dee827110c", "api-key: ***"),
            ("aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "aws_secret_access_key = ***"),
            ("AccountName=x;AccountKey=abc123==;EndpointSuffix=y", "AccountName=x;AccountKey=***;EndpointSuffix=y"),
            ("os.environ['API_TOKEN'] = 'abc'", "os.environ['API_TOKEN'] = '***'"),
            ("https://b.s3/x?X-Amz-Signature=0a1b2c&y=2", "https://b.s3/x?X-Amz-Signature=***&y=2"),
        ] {
            assert_eq!(mask(text), expected);
        }
    }

    #[test]
    fn tokens() {
        // Put together at run time, so that this file itself holds nothing that looks like a live key.
        let a = |n: usize| "a1B2c3D4e5".chars().cycle().take(n).collect::<String>();
        let upper = a(16).to_uppercase();
        for token in [
            format!("AKIA{upper}"),
            format!("ghp_{}", a(36)),
            format!("github_pat_{}", a(40)),
            format!("glpat-{}", a(20)),
            format!("xoxb-{}", a(24)),
            format!("sk_live_{}", a(24)),
            format!("AIza{}", a(35)),
            format!("sk-{}", a(40)),
            format!("sk-ant-api03-{}", a(40)),
            format!("npm_{}", a(36)),
            format!("hf_{}", a(34)),
            format!("SG.{}.{}", a(22), a(43)),
            format!("eyJ{}.eyJ{}.{}", a(20), a(20), a(20)),
        ] {
            assert_eq!(mask(&format!("uses `{token}` here")), "uses `***` here", "{token}");
        }
        assert_eq!(
            mask(&format!("https://hooks.slack.com/services/T{}/B", a(9))),
            "https://hooks.slack.com/services/***"
        );
        let key = "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----";
        assert_eq!(mask(&format!("key {key} end")), "key *** end");
        assert_eq!(mask("-----BEGIN PRIVATE KEY-----\nMIIE cut off"), "***");
    }

    #[test]
    fn headers() {
        for (text, expected) in [
            ("Authorization: Bearer abc.def-123", "Authorization: Bearer ***"),
            (r#"headers={"Authorization": "Basic dXNlcjpwYXNz1"}"#, r#"headers={"Authorization": "Basic ***"}"#),
            ("sends Bearer 0123456789abcdef0123", "sends Bearer ***"),
        ] {
            assert_eq!(mask(text), expected);
        }
    }

    #[test]
    fn near_misses_stay() {
        for text in [
            "connect(password=password)",
            "connect(url, password=settings.DB_PASSWORD)",
            "token=get_token()",
            "token = os.environ[\"TOKEN\"]",
            "def login(user: str, password: str) -> Token",
            "password: str = None",
            "password=None",
            "max_tokens=100 and token: 5",
            "f\"postgresql://{user}:{password}@{host}/x\"",
            "postgresql://user:%(password)s@db",
            "postgresql://${USER}:${PASSWORD}@db",
            "https://example.com/a:b/c@2x.png",
            "https://docs.sqlalchemy.org/en/20/core/pooling.html#disconnect-handling-pessimistic",
            "Authorization: Bearer {token}",
            "Bearer authentication is required",
            "`token` is read twice",
            "the tokenizer=fast option",
            "session.execute(select(Token).where(Token.id == id))",
            "app/api/tokens.py:12",
            "password_field = name",
            "key=lambda row: row.id",
            "sk-learn and risk-management-of-things",
            "0123456789abcdef0123456789abcdef",
            "passes `password=`token`` on",
            "mailto:someone@example.org",
            "if password == other and token == expected:",
            "if secret := settings.auth",
            "a callable with the signature::",
            "    token=CurrentToken,",
            "env[\"CONTROL_TOKEN\"] = token",
            "DB_PASSWORD: str = load()",
        ] {
            assert_eq!(mask(text), text);
        }
    }

    #[test]
    fn pairs_are_masked_by_their_key() {
        let masker = Masker::new();
        for (key, value, expected) in [
            ("db_config.password", "secret", "***"),
            ("API_KEY", "plain words", "***"),
            ("pool_size", "10", "10"),
            ("url", "postgres://a:b@c/d", "postgres://a:***@c/d"),
            ("password", "${DB_PASSWORD}", "${DB_PASSWORD}"),
        ] {
            let mut text = value.to_owned();
            masker.mask_pair(key, &mut text);
            assert_eq!(text, expected);
        }
    }
}
