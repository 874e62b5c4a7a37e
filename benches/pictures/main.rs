//! How many codes are read in pictures from the road: this reader, one plain pass of rxing, and zbar, on the same files.
//!
//! `cargo bench --bench pictures`: 200 pictures of each kind of `road.rs`, each of another pass. zbar takes part where
//! `zbarimg` (Debian: zbar-tools) is installed. Then the same for typical passes printed at one size as version 15 with
//! level Q and as version 12 with level M, clean and stained. `target/report/pictures.json` has the numbers;
//! docs/PICTURES.md, what follows.

mod passes;
mod road;

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use fast_qr::{ECL, Mode, QRBuilder};
use freightpass::card::read::{Luma, codes, luma};
use jpeg_encoder::{ColorType, Encoder};
use road::{Conditions, HARD, MILD, Print, Random, SIDE};
use rxing::common::HybridBinarizer;
use rxing::qrcode::QRCodeReader;
use rxing::{BinaryBitmap, Luma8Source, Reader};
use serde_json::{Value, json};

/// Pictures of each kind.
const PICTURES: u32 = 200;

/// The share that is wanted of each kind.
const GOALS: [(Conditions, f64); 2] = [(MILD, 0.99), (HARD, 0.80)];

/// How prints are compared: clean in both kinds of picture, stained in the mild ones. The shares of the code under the
/// stain are what M may lose and still repair, and what Q may.
const PRINTS: [(Conditions, f32); 4] = [(MILD, 0.0), (HARD, 0.0), (MILD, 0.08), (MILD, 0.16)];

fn main() -> std::io::Result<()> {
    let folder = tempfile::tempdir()?;
    let mut rows = Vec::new();
    println!("{:<28} {:>9} {:>9} {:>8}  goal", "pictures", "ours", "baseline", "ratio");
    for (conditions, goal) in GOALS {
        let pictures = Pictures::taken(conditions, ECL::Q, 0.0, folder.path())?;
        let ours = pictures.read_by(|picture| codes(picture).map_or_else(|_| vec![], texts));
        let name = conditions.name;
        let mut baselines = vec![("rxing", pictures.read_by(plain))];
        baselines.extend(pictures.zbar().map(|zbar| ("zbar", zbar)));
        for (other, theirs) in baselines {
            rows.push(row(&format!("{name}, share read / {other}"), ours.0, theirs.0, Some(goal)));
            rows.push(row(&format!("{name}, ms a picture / {other}"), ours.1, theirs.1, None));
        }
    }
    for (conditions, stain) in PRINTS {
        let name = if stain > 0.0 { format!("stain {stain:.2}") } else { conditions.name.to_owned() };
        let mut shares = Vec::new();
        for level in [ECL::Q, ECL::M] {
            let pictures = Pictures::taken(conditions, level, stain, folder.path())?;
            let ours = pictures.read_by(|picture| codes(picture).map_or_else(|_| vec![], texts));
            shares.push([Some(ours), Some(pictures.read_by(plain)), pictures.zbar()]);
        }
        for (at, reader) in ["", ", rxing", ", zbar"].iter().enumerate() {
            if let (Some(q), Some(m)) = (shares[0][at], shares[1][at]) {
                rows.push(row(&format!("{name}, 15-Q / 12-M{reader}"), q.0, m.0, None));
            }
        }
    }
    let report = Path::new("target/report");
    fs::create_dir_all(report)?;
    fs::write(report.join("pictures.json"), format!("{:#}\n", Value::Array(rows)))
}

/// Prints and gives a row; `goal` is the least share.
fn row(name: &str, ours: f64, baseline: f64, goal: Option<f64>) -> Value {
    let ratio = (baseline > 0.0).then(|| ours / baseline);
    let wanted = goal.map_or("none".to_owned(), |goal| format!("ours >= {goal:.2}"));
    let missed = if goal.is_some_and(|goal| ours < goal) { "  MISSED" } else { "" };
    let told = ratio.map_or("-".to_owned(), |ratio| format!("{ratio:.3}"));
    println!("{name:<28} {ours:>9.3} {baseline:>9.3} {told:>8}  {wanted}{missed}");
    json!({ "name": name, "ours": ours, "baseline": baseline, "ratio": ratio, "goal": wanted })
}

/// Pictures as files, with what their codes say.
struct Pictures {
    taken: Vec<(String, Luma)>,
    files: Vec<PathBuf>,
}

impl Pictures {
    fn taken(conditions: Conditions, level: ECL, stain: f32, folder: &Path) -> std::io::Result<Self> {
        let mut pictures = Self { taken: Vec::new(), files: Vec::new() };
        for at in 0..PICTURES {
            let text = passes::pass(at);
            let code = QRBuilder::new(text.as_str()).mode(Mode::Alphanumeric).ecl(level).build().expect("a code");
            let dark: Vec<bool> = code.data.iter().take(code.size * code.size).map(|module| module.value()).collect();
            let mut random = Random::of_picture(&conditions, at.into());
            let mut print = Print::of_code(dark.chunks_exact(code.size));
            if stain > 0.0 {
                print = print.stained(stain, &mut random);
            }
            let mut pixels = print.photographed(&conditions, &mut random);
            if let Some(quality) = conditions.jpeg {
                let mut bytes = Vec::new();
                let packed =
                    Encoder::new(&mut bytes, quality).encode(&pixels, SIDE as u16, SIDE as u16, ColorType::Luma);
                packed.map_err(std::io::Error::other)?;
                pixels = luma(&bytes).map_err(std::io::Error::other)?.pixels().to_vec();
            }
            let file = folder.join(format!("{at}.png"));
            let mut encoder = png::Encoder::new(fs::File::create(&file)?, SIDE as u32, SIDE as u32);
            encoder.set_color(png::ColorType::Grayscale);
            let mut writer = encoder.write_header().map_err(std::io::Error::other)?;
            writer.write_image_data(&pixels).map_err(std::io::Error::other)?;
            pictures.taken.push((text, Luma::new(SIDE, pixels).expect("whole rows")));
            pictures.files.push(file);
        }
        Ok(pictures)
    }

    /// The share whose code was read, and milliseconds a picture.
    fn read_by(&self, mut read: impl FnMut(&Luma) -> Vec<String>) -> (f64, f64) {
        let start = Instant::now();
        let right = self.taken.iter().filter(|(text, picture)| read(picture).contains(text)).count();
        let count = self.taken.len() as f64;
        (right as f64 / count, start.elapsed().as_secs_f64() * 1_000.0 / count)
    }

    /// The same by zbar, in one process for all files, unpacking included; none where there is no zbar.
    fn zbar(&self) -> Option<(f64, f64)> {
        let start = Instant::now();
        let options = ["--quiet", "--raw", "-Sdisable", "-Sqrcode.enable"];
        let said = Command::new("zbarimg").args(options).args(&self.files).output().ok()?.stdout;
        let took = start.elapsed().as_secs_f64() * 1_000.0;
        let said = String::from_utf8_lossy(&said);
        let read: HashSet<&str> = said.lines().collect();
        let right = self.taken.iter().filter(|(text, _)| read.contains(text.as_str())).count();
        let count = self.taken.len() as f64;
        Some((right as f64 / count, took / count))
    }
}

fn texts(codes: freightpass::card::read::Codes) -> Vec<String> {
    codes.codes.into_iter().map(|code| code.text).collect()
}

/// What rxing reads by itself, as its documentation shows it.
fn plain(picture: &Luma) -> Vec<String> {
    let source = Luma8Source::new_with_slice(picture.pixels(), SIDE as u32, SIDE as u32);
    let read = source.and_then(|source| QRCodeReader.decode(&mut BinaryBitmap::new(HybridBinarizer::new(source))));
    read.map_or_else(|_| vec![], |read| vec![read.getText().to_owned()])
}
