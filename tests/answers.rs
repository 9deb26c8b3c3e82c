//! What a server's answer is worth, in Rust as in JavaScript (`www/tests/remote.test.js`): both read the same cases.

use std::path::Path;

use serde_json::Value;
use shine_skin::frame::Part;
use shine_skin::geometry::Rect;
use shine_skin::remote;

/// Equal but for how a number is written.
fn alike(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| alike(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| alike(a, b)))
        }
        _ => a == b,
    }
}

#[test]
fn each_answer_is_worth_what_the_cases_say() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/server/answers.json");
    let cases: Vec<Value> = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    assert!(cases.len() > 30);
    for case in cases {
        let name = case["name"].as_str().unwrap();
        let number = |of: &str, at: usize| case[of][at].as_f64().unwrap();
        let [x, y, width, height] = [0, 1, 2, 3].map(|at| number("place", at) as f32);
        let rect = Rect { x, y, width, height };
        let part = Part { rect, columns: number("place", 4) as usize, rows: number("place", 5) as usize };
        let size = (number("size", 0) as usize, number("size", 1) as usize);
        let (status, body) = (case["status"].as_u64().unwrap() as u16, case["body"].as_str().unwrap());
        let answer = remote::answer(status, case["retryAfter"].as_str(), body.as_bytes());
        let expected = &case["expected"];
        let found = answer.and_then(|value| match case["kind"].as_str() {
            Some("report") => Ok(remote::report(value, &part, size, &[])?),
            _ => Ok(remote::detections(value, &part)?),
        });
        match (found, expected["code"].as_str()) {
            (Ok(found), None) => assert!(alike(&found, expected), "{name}: {found}"),
            (Err(failure), Some(code)) => {
                assert_eq!(
                    (failure.error.code.as_str(), failure.wait_ms),
                    (code, expected["waitMs"].as_f64()),
                    "{name}"
                );
            }
            (found, _) => panic!("{name}: {found:?}"),
        }
    }
}
