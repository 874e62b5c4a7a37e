//! Cards as files: formats, folders, sheets, what cannot be drawn, and a reader that goes away.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use freightpass::card::read;

use super::post::freightpass;
use super::service::Service;

const CHIEF: &str = "CN-3205/chief";

/// A service whose authority has issued some passes.
struct Issued {
    service: Service,
    /// Number and tractor of each, in the order of the list.
    passes: Vec<(String, String)>,
}

impl Issued {
    fn some() -> Self {
        let service = Service::start();
        let list = service.list(6);
        service.done(&["whitelist", "import", &list, "--authority", "CN-3205", "--as", CHIEF]);
        service.done(&["apply", &list, "--starting", "now"]);
        service.done(&["approve", "--all-submitted", "--as", CHIEF]);
        let mut issued = Self { service, passes: Vec::new() };
        issued.passes = issued.listed(&["--state", "issued"]);
        assert!(issued.passes.len() > 3, "{}", issued.passes.len());
        issued
    }

    fn listed(&self, filter: &[&str]) -> Vec<(String, String)> {
        let lines = self.service.done(&[&["pass", "list", "--as", CHIEF], filter].concat());
        let word = |line: &str, at: usize| line.split(['\t', ' ']).nth(at).unwrap().to_owned();
        lines.iter().map(|line| (word(line, 0), word(line, 2))).collect()
    }

    fn export(&self, arguments: &[&str]) -> (String, i32) {
        self.service.run(&[&["pass", "export", "--as", CHIEF], arguments].concat())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.service.folder.path().join(name)
    }

    /// The text of the code of a pass.
    fn text(&self, number: &str) -> String {
        self.service.done(&["pass", "show", number, "--as", CHIEF]).pop().unwrap()
    }
}

fn names(folder: &Path) -> BTreeSet<String> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

fn codes(picture: &[u8]) -> Vec<String> {
    read::texts(picture).unwrap().codes.into_iter().map(|code| code.text).collect()
}

/// What one of the programs of poppler-utils makes of a document.
fn poppler(program: &str, arguments: &[&str], document: &Path, written: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let status = Command::new(program).args(arguments).arg(document).arg(folder.path().join("out")).status();
    assert!(status.unwrap_or_else(|error| panic!("{program}: {error}; tools/install brings it")).success());
    fs::read(folder.path().join(written)).unwrap()
}

#[test]
fn a_folder_by_filter_has_a_file_a_pass_and_the_command_can_be_given_again() {
    let issued = Issued::some();
    let (said, code) = issued.export(&["--state", "issued", "--out", "cards"]);
    assert_eq!(code, 0, "{said}");
    let expected: BTreeSet<String> =
        issued.passes.iter().map(|(number, tractor)| format!("{number}_{tractor}.png")).collect();
    assert_eq!(names(&issued.path("cards")), expected);
    let count = issued.passes.len();
    assert_eq!(said.lines().last().unwrap(), format!("drawn 已出 {count}, not drawn 未出 0"));
    let (number, tractor) = &issued.passes[1];
    let file = issued.path("cards").join(format!("{number}_{tractor}.png"));
    let picture = fs::read(&file).unwrap();
    assert_eq!(codes(&picture), [issued.text(number)]);

    // What an interrupted run left is written over, and the rest is as it was.
    fs::write(&file, "half").unwrap();
    fs::write(file.with_extension("png.new"), "half").unwrap();
    assert_eq!(issued.export(&["--state", "issued", "--out", "cards"]), (said, 0));
    assert_eq!(fs::read(&file).unwrap(), picture);
    assert_eq!(names(&issued.path("cards")), expected);

    // By one tractor, in another format; a revoked pass is drawn, and it is said.
    let (said, code) = issued.export(&["--tractor", tractor, "--format", "svg", "--out", "other"]);
    assert_eq!((said.lines().count(), code), (1, 0), "{said}");
    let svg = fs::read_to_string(issued.path("other").join(format!("{number}_{tractor}.svg"))).unwrap();
    assert!(svg.starts_with("<svg ") && svg.contains(&format!("<title>{number}</title>")));
    issued.service.done(&["revoke", number, "--reason", "misuse", "--as", CHIEF]);
    let (said, code) = issued.export(&[number, "--out", "card.SVG"]);
    assert_eq!((said.trim(), code), ("card.SVG\trevoked 吊销", 0));

    // A number that there is not stops no other.
    let other = issued.passes[0].0.as_str();
    let (said, code) = issued.export(&["320500-220418-00042-0", other, "--out", "two"]);
    assert_eq!(code, 1);
    assert!(said.contains("320500-220418-00042-0\tnot drawn 未出: ") && said.contains("NOT_FOUND"), "{said}");
    assert_eq!(names(&issued.path("two")).len(), 1);
}

/// FP-36.
#[test]
fn rare_names_are_drawn_and_taken_out_again_and_a_missing_glyph_is_named_and_stops_only_its_card() {
    let issued = Issued::some();
    let amend = |number: &str, crew: &[&str]| {
        let crew: Vec<&str> = crew.iter().flat_map(|person| ["--crew", person]).collect();
        let said =
            issued.service.done(&[&["amend", number, "--text", "another crew", "--as", CHIEF][..], &crew].concat());
        said[1].trim_start_matches("issued 签发 ").split('\t').next().unwrap().to_owned()
    };
    let number = amend(
        &issued.passes[0].0,
        &[
            "王䶮,,33010619880229997X,13912345678",
            "李𬭎,,330106198701159986,13912345678",
            "阿依努尔\u{2022}测试,,330106198601159962,13912345678",
        ],
    );
    let (said, code) = issued.export(&[&number, "--out", "card.pdf"]);
    assert_eq!((said.trim(), code), ("card.pdf", 0));
    let text = String::from_utf8(poppler("pdftotext", &[], &issued.path("card.pdf"), "out")).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    for name in ["王䶮", "李𬭎", "阿依努尔\u{b7}测试"] {
        assert!(lines.contains(&name), "{name} in {text}");
    }
    let page = poppler("pdftoppm", &["-png", "-r", "150", "-singlefile"], &issued.path("card.pdf"), "out.png");
    assert_eq!(codes(&page), [issued.text(&number)]);

    let boxed = amend(&issued.passes[1].0, &["王\u{2a6df},,330106198501159949,13912345678"]);
    let (said, code) = issued.export(&["--state", "issued", "--sheet", "--out", "day.pdf"]);
    assert_eq!(code, 1, "{said}");
    let line = said.lines().find(|line| line.starts_with(&boxed)).unwrap();
    for part in ["not drawn 未出", "U+2A6DF", "name of crew member 1"] {
        assert!(line.contains(part), "{part} in {line}");
    }
    let count = issued.passes.len() - 1;
    assert_eq!(said.lines().last().unwrap(), format!("drawn 已出 {count}, not drawn 未出 1"));
    let text = String::from_utf8(poppler("pdftotext", &[], &issued.path("day.pdf"), "out")).unwrap();
    assert!(text.contains(&number) && !text.contains(&boxed), "{text}");
    assert_eq!(text.matches('\u{c}').count(), count.div_ceil(2));
    let (said, code) = issued.export(&[&boxed, "--out", "boxed.png"]);
    assert_eq!(code, 1, "{said}");
    assert!(!issued.path("boxed.png").exists());
}

/// FP-31.
#[test]
fn a_reader_that_goes_away_leaves_no_half_written_card() {
    let issued = Issued::some();
    let mut child = freightpass_child(&issued, &["--all", "--out", "cards"]);
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8(output.stderr).unwrap().as_str()), (Some(141), ""));
    let whole = names(&issued.path("cards"));
    assert!(whole.len() < issued.passes.len() && whole.iter().all(|name| name.ends_with(".png")), "{whole:?}");
    for name in whole {
        assert_eq!(codes(&fs::read(issued.path("cards").join(name)).unwrap()).len(), 1);
    }
}

fn freightpass_child(issued: &Issued, arguments: &[&str]) -> std::process::Child {
    Command::new(freightpass().get_program())
        .args(["pass", "export", "--as", CHIEF])
        .args(arguments)
        .env("FREIGHTPASS_DATA", issued.service.data())
        .current_dir(issued.service.folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}
