//! Which way a head looks, from the mesh's own depth.

use super::topology::{MIDLINE, PAIRS};
use super::Mesh;
use crate::geometry::cos_sin;

/// The turn of a head, degrees. 0, 0, 0 looks straight into the camera, upright.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pose {
    /// Positive towards the person's own left.
    pub yaw: f32,
    /// Positive upwards.
    pub pitch: f32,
    /// Positive clockwise on the photo.
    pub roll: f32,
}

impl Pose {
    /// The pose of a mesh.
    ///
    /// The axis from right to left is the mean over mirrored pairs of points, each weighted by its
    /// length; the axis from forehead to chin runs between the two ends of the midline, whose
    /// points lie at the same depth on an upright face.
    pub fn of(mesh: &Mesh) -> Pose {
        let points = mesh.points();
        let mut across = [0.0f32; 3];
        for (right, left) in PAIRS {
            for c in 0..3 {
                across[c] += points[left][c] - points[right][c];
            }
        }
        let (top, bottom) = MIDLINE;
        let down: [f32; 3] = std::array::from_fn(|c| points[bottom][c] - points[top][c]);
        let roll = across[1].atan2(across[0]);
        // Turned back upright, what is left of the axes is yaw and pitch.
        let yaw = across[2].atan2(across[0].hypot(across[1]));
        let (cos, sin) = cos_sin(roll);
        let upright = down[1] * cos - down[0] * sin;
        let pitch = (-down[2]).atan2(upright);
        Pose { yaw: yaw.to_degrees(), pitch: pitch.to_degrees(), roll: roll.to_degrees() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A flat face with mirrored pairs 100 apart and a midline 150 long, turned by the angles.
    fn turned(yaw: f32, pitch: f32, roll: f32) -> Mesh {
        let mut points = vec![[0.0f32; 3]; Mesh::POINTS];
        for (right, left) in PAIRS {
            points[right] = [-50.0, 0.0, 0.0];
            points[left] = [50.0, 0.0, 0.0];
        }
        points[MIDLINE.0] = [0.0, -75.0, 0.0];
        points[MIDLINE.1] = [0.0, 75.0, 0.0];
        let (y, p, r) = (yaw.to_radians(), pitch.to_radians(), roll.to_radians());
        for point in &mut points {
            let [x0, y0, z0] = *point;
            let (y1, z1) = (y0 * p.cos() + z0 * p.sin(), -y0 * p.sin() + z0 * p.cos());
            let (x2, z2) = (x0 * y.cos() - z1 * y.sin(), x0 * y.sin() + z1 * y.cos());
            *point = [x2 * r.cos() - y1 * r.sin(), x2 * r.sin() + y1 * r.cos(), z2];
        }
        Mesh::new(points).unwrap()
    }

    #[test]
    fn each_angle_is_found_with_its_sign() {
        for (yaw, pitch, roll) in
            [(0.0, 0.0, 0.0), (30.0, 0.0, 0.0), (0.0, 20.0, 0.0), (-25.0, 0.0, 40.0), (0.0, -15.0, -90.0)]
        {
            let pose = Pose::of(&turned(yaw, pitch, roll));
            for (name, found, expected) in
                [("yaw", pose.yaw, yaw), ("pitch", pose.pitch, pitch), ("roll", pose.roll, roll)]
            {
                assert!((found - expected).abs() < 0.1, "{name}: {found}, not {expected}, of {yaw} {pitch} {roll}");
            }
        }
    }
}
