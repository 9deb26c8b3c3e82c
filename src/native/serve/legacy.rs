//! The API of the service before this one, for its clients: its paths, its words, its statuses. What could not be measured is
//! `null` there as well; a failure is never an answer of status 200.

use serde_json::{json, Map, Value};

/// The name that its answers carry.
pub const SERVICE: &str = "shine-skin";

/// A box as `x`, `y`, `width`, `height` and `confidence`.
fn face(found: &Value) -> Value {
    let bounds = &found["boundingBox"];
    json!({
        "x": bounds["originX"], "y": bounds["originY"], "width": bounds["width"], "height": bounds["height"],
        "confidence": found["score"],
    })
}

fn message(count: usize) -> String {
    match count {
        0 => "No face was found.".into(),
        1 => "1 face was found.".into(),
        _ => format!("{count} faces were found."),
    }
}

/// `/api/v1/face/detect`.
pub fn primary_face(detections: &[Value]) -> Value {
    let Some(first) = detections.first() else {
        return json!({ "success": false, "faces_detected": 0, "message": message(0) });
    };
    let count = detections.len();
    json!({ "success": true, "faces_detected": count, "primary_face": face(first), "message": message(count) })
}

/// `/api/v4/face/detect`.
pub fn faces(detections: &[Value]) -> Value {
    let (found, count): (Vec<Value>, _) = (detections.iter().map(face).collect(), detections.len());
    json!({ "success": count > 0, "faces": found, "faces_detected": count, "message": message(count) })
}

/// `/api/v6/skin/analyze-hare-run` and its like, of a report's largest face; `None` where there is none.
pub fn analysis(report: &Value, timestamp: &str) -> Option<Value> {
    let face = report["faces"].get(0)?;
    let result = json!({
        "conditions": conditions(&face["concerns"]),
        "health_score": face["overall"]["score"],
        "primary_concerns": primary(face),
        "severity_levels": severities(&face["concerns"]),
    });
    Some(json!({
        "success": true, "analysis_type": report["engine"], "result": result, "results": result,
        "model_info": { "models": report["models"], "release": report["release"] },
        "disclaimer": report["disclaimer"], "timestamp": timestamp,
    }))
}

/// What this API calls each concern that it has.
const NAMES: [(&str, &str); 7] = [
    ("acne", "acne"),
    ("redness", "redness"),
    ("darkSpots", "dark_spots"),
    ("texture", "texture"),
    ("pores", "pores"),
    ("wrinkles", "wrinkles"),
    ("pigmentation", "pigmentation"),
];

fn conditions(concerns: &Value) -> Value {
    let mut all = Map::new();
    for (id, name) in NAMES {
        let concern = &concerns[id];
        let mut said = condition(id, concern);
        said["confidence"] = concern["confidence"].clone();
        if concern["available"] != true {
            said["reason"] = concern["reason"].clone();
        }
        all.insert(name.into(), said);
    }
    Value::Object(all)
}

fn condition(id: &str, concern: &Value) -> Value {
    let measured = concern["available"] == true;
    let (severity, value) = (&concern["severity"], &concern["measure"]["value"]);
    let detected = measured.then(|| severity != "none");
    let findings = concern["findings"].as_array().map_or(&[][..], Vec::as_slice);
    let count = measured.then_some(findings.len());
    match id {
        "acne" | "darkSpots" => json!({
            "detected": detected, "percentage": value, "spot_count": count, "severity": severity,
            "spots": findings.iter().filter_map(spot).collect::<Vec<_>>(),
        }),
        "redness" => json!({ "detected": detected, "percentage": value, "severity": severity }),
        "texture" => {
            let kind = match severity.as_str() {
                Some("none") => json!("smooth"),
                Some("mild") => json!("normal"),
                Some(_) => json!("rough"),
                None => Value::Null,
            };
            json!({ "type": kind, "uniformity": concern["score"].as_f64().map(|score| score / 100.0) })
        }
        "pores" => json!({ "detected": detected, "count": count, "density": value, "severity": severity }),
        "wrinkles" => {
            let level = findings.iter().filter_map(bounds).filter(|[_, _, width, height]| width >= height).count();
            json!({
                "detected": detected, "count": count, "horizontal_count": measured.then_some(level),
                "vertical_count": measured.then_some(findings.len() - level.min(findings.len())), "severity": severity,
            })
        }
        _ => json!({ "level": severity, "color_variance": value }),
    }
}

/// Left, top, width and height of a finding.
fn bounds(finding: &Value) -> Option<[f64; 4]> {
    let points = polygon(finding);
    let first = points.first()?;
    let (mut low, mut high) = (*first, *first);
    for point in &points {
        for axis in [0, 1] {
            low[axis] = low[axis].min(point[axis]);
            high[axis] = high[axis].max(point[axis]);
        }
    }
    Some([low[0], low[1], high[0] - low[0], high[1] - low[1]])
}

fn polygon(finding: &Value) -> Vec<[f64; 2]> {
    let points = finding["polygon"].as_array().into_iter().flatten();
    points.filter_map(|point| Some([point.get(0)?.as_f64()?, point.get(1)?.as_f64()?])).collect()
}

/// A finding in square pixels, with its centre.
fn spot(finding: &Value) -> Option<Value> {
    let [x, y, width, height] = bounds(finding)?;
    let points = polygon(finding);
    let next = points.iter().cycle().skip(1);
    // The area and the centre of a polygon by the cross products of its sides.
    let (mut twice, mut centre) = (0.0, [0.0, 0.0]);
    for (a, b) in points.iter().zip(next) {
        let cross = a[0] * b[1] - b[0] * a[1];
        twice += cross;
        centre = [centre[0] + (a[0] + b[0]) * cross, centre[1] + (a[1] + b[1]) * cross];
    }
    let centroid = if twice == 0.0 {
        [x + width / 2.0, y + height / 2.0]
    } else {
        centre.map(|sum| (sum / (3.0 * twice) * 10.0).round() / 10.0)
    };
    Some(json!({
        "area": (twice.abs() / 2.0 * 10.0).round() / 10.0, "centroid": centroid, "bounding_box": [x, y, width, height],
    }))
}

fn severities(concerns: &Value) -> Value {
    NAMES
        .into_iter()
        .map(|(id, name)| (name.to_string(), concerns[id]["severity"].clone()))
        .collect::<Map<_, _>>()
        .into()
}

/// `["acne_severe", …]`: the moderate and the severe, the worst first.
fn primary(face: &Value) -> Value {
    let mut bad: Vec<(f64, String)> = Vec::new();
    for (id, name) in NAMES {
        let concern = &face["concerns"][id];
        if let (Some(severity @ ("moderate" | "severe")), Some(score)) =
            (concern["severity"].as_str(), concern["score"].as_f64())
        {
            bad.push((score, format!("{name}_{severity}")));
        }
    }
    bad.sort_by(|a, b| a.0.total_cmp(&b.0));
    bad.into_iter().map(|(_, name)| Value::from(name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(left: f64, top: f64, width: f64, height: f64) -> Value {
        let (right, bottom) = (left + width, top + height);
        json!({ "polygon": [[left, top], [right, top], [right, bottom], [left, bottom]], "zone": "chin" })
    }

    #[test]
    fn a_spot_has_the_area_and_the_centre_of_its_outline() {
        let found = spot(&square(10.0, 20.0, 4.0, 2.0)).unwrap();
        assert_eq!(found, json!({ "area": 8.0, "centroid": [12.0, 21.0], "bounding_box": [10.0, 20.0, 4.0, 2.0] }));
        assert_eq!(spot(&json!({ "polygon": [] })), None);
        let point = spot(&json!({ "polygon": [[3.0, 4.0]] })).unwrap();
        assert_eq!((&point["area"], &point["centroid"]), (&json!(0.0), &json!([3.0, 4.0])));
    }

    #[test]
    fn what_was_not_measured_is_not_invented() {
        let concerns = json!({
            "acne": { "available": false, "reason": "blurred", "score": null, "severity": null, "measure": null,
                      "confidence": null, "findings": [] },
            "wrinkles": { "available": true, "score": 40.0, "severity": "severe", "measure": { "value": 9.0 },
                          "confidence": 0.7, "findings": [square(0.0, 0.0, 9.0, 1.0), square(0.0, 0.0, 1.0, 9.0)] },
        });
        let found = conditions(&concerns);
        let acne = &found["acne"];
        for key in ["detected", "percentage", "spot_count", "severity", "confidence"] {
            assert!(acne.get(key).is_some_and(Value::is_null), "{key}: {acne}");
        }
        assert_eq!(acne["reason"], "blurred");
        let wrinkles = &found["wrinkles"];
        assert_eq!((&wrinkles["horizontal_count"], &wrinkles["vertical_count"]), (&json!(1), &json!(1)));
        assert_eq!(primary(&json!({ "concerns": concerns })), json!(["wrinkles_severe"]));
    }
}
