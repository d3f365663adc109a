use super::*;
use std::path::PathBuf;

pub(super) fn report(taken_at: Micros) -> Report {
    Report {
        taken_at,
        uptime_s: 1,
        cpu_percent: Some(12.5),
        load: None,
        mem_total_bytes: Some(1 << 30),
        mem_used_bytes: Some(1 << 20),
        swap_total_bytes: None,
        swap_used_bytes: None,
        filesystems: Vec::new(),
        disks: Vec::new(),
        networks: Vec::new(),
        temperatures: Vec::new(),
    }
}

fn open(dir: &Path) -> Spool {
    Spool::open(dir, Limits::default()).expect("the spool opens")
}

fn waiting(spool: &mut Spool) -> Vec<Micros> {
    spool.oldest(usize::MAX).expect("readable").into_iter().map(|pending| pending.report.taken_at).collect()
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(dir)
        .expect("readable")
        .map(|entry| entry.expect("readable").path())
        .filter(|path| path.extension().is_some_and(|ext| ext == "log"))
        .collect();
    files.sort();
    files
}

fn done_with_first(spool: &mut Spool, count: usize) {
    let last = spool.oldest(count).expect("readable").pop().expect("some wait");
    spool.done_through(last.seq);
}

#[test]
fn reports_come_out_in_the_order_in_which_they_went_in_and_stay_until_they_are_done() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let mut spool = open(dir.path());
    (1..=5).for_each(|at| spool.append(&report(at)));
    assert_eq!(waiting(&mut spool), [1, 2, 3, 4, 5]);
    assert_eq!(spool.oldest(2).expect("readable").len(), 2);
    done_with_first(&mut spool, 2);
    assert_eq!(waiting(&mut spool), [3, 4, 5]);
}

#[test]
fn a_restart_keeps_what_is_unsent_and_forgets_what_is_done() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let mut spool = open(dir.path());
    (1..=5).for_each(|at| spool.append(&report(at)));
    done_with_first(&mut spool, 3);
    drop(spool);
    let mut spool = open(dir.path());
    assert_eq!(spool.recovered(), Recovered { waiting: 2, torn: 0, damaged: 0 });
    spool.append(&report(6));
    assert_eq!(waiting(&mut spool), [4, 5, 6]);
}

#[test]
fn a_number_is_never_given_out_again_after_everything_was_done() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    for at in 1..=4 {
        let mut spool = open(dir.path());
        assert!(spool.is_empty());
        spool.append(&report(at));
        assert_eq!(waiting(&mut spool), [at], "a number below the mark would hide the report");
        drop(spool);
        let mut spool = open(dir.path());
        assert_eq!(waiting(&mut spool), [at]);
        done_with_first(&mut spool, 1);
    }
    open(dir.path());
    assert_eq!(files(dir.path()), [""; 0].map(PathBuf::from), "what is done takes no room");
}

/// A crash may cut the file anywhere in the record that was being written.
#[test]
fn wherever_the_last_record_is_cut_the_others_are_kept_and_nothing_that_is_done_comes_back() {
    let full = {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let mut spool = open(dir.path());
        (1..=4).for_each(|at| spool.append(&report(at)));
        done_with_first(&mut spool, 2);
        let content = fs::read(&files(dir.path())[0]).expect("readable");
        (content, fs::read(dir.path().join("mark")).expect("readable"))
    };
    let (content, mark) = full;
    let last_line = content[..content.len() - 1].iter().rposition(|b| *b == b'\n').expect("several lines") + 1;
    for end in last_line..=content.len() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        fs::write(dir.path().join(format!("{:020}.log", 1)), &content[..end]).expect("written");
        fs::write(dir.path().join("mark"), &mark).expect("written");
        let is_whole = end + 1 >= content.len();
        let is_torn = end > last_line && !is_whole;
        let mut expected = vec![3];
        expected.extend(is_whole.then_some(4));
        for restart in 0..2 {
            let mut spool = open(dir.path());
            assert_eq!(waiting(&mut spool), expected, "cut at {end}, restart {restart}");
            assert_eq!(spool.recovered().damaged, 0, "cut at {end}");
            assert_eq!(spool.recovered().torn, usize::from(is_torn && restart == 0), "cut at {end}, said once");
            spool.append(&report(10 + restart));
            expected.push(10 + restart);
            assert_eq!(waiting(&mut spool), expected, "cut at {end}, restart {restart}");
        }
    }
}

#[test]
fn a_damaged_record_in_the_middle_costs_that_record_alone() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let mut spool = open(dir.path());
    (1..=3).for_each(|at| spool.append(&report(at)));
    drop(spool);
    let path = files(dir.path()).remove(0);
    let mut content = fs::read(&path).expect("readable");
    let middle = content.len() / 2;
    content[middle] = b'#';
    fs::write(&path, content).expect("written");
    let mut spool = open(dir.path());
    assert_eq!(spool.recovered(), Recovered { waiting: 2, torn: 0, damaged: 1 });
    assert_eq!(waiting(&mut spool), [1, 3]);
}

#[test]
fn a_file_that_vanishes_while_the_agent_runs_costs_its_records_alone() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let mut spool = open(dir.path());
    spool.append(&report(1));
    drop(spool);
    let mut spool = open(dir.path());
    spool.append(&report(2));
    fs::remove_file(&files(dir.path())[0]).expect("removed");
    assert_eq!(waiting(&mut spool), [2]);
    assert_eq!(spool.len(), 1);
}

#[test]
fn past_its_size_the_spool_gives_up_the_oldest() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let line = record::encode(1, &report(1)).expect("serializes").len() as u64;
    let limits = Limits { max_bytes: line * 40, ..Limits::default() };
    let mut spool = Spool::open(dir.path(), limits).expect("the spool opens");
    (1..=200).for_each(|at| spool.append(&report(at)));
    let kept = waiting(&mut spool);
    assert_eq!(kept.last(), Some(&200));
    assert!((30..=40).contains(&kept.len()), "{}", kept.len());
    assert!(kept.windows(2).all(|pair| pair[1] == pair[0] + 1), "{kept:?}");
    let bytes: u64 = files(dir.path()).iter().map(|path| fs::metadata(path).expect("there").len()).sum();
    assert!(bytes <= limits.max_bytes, "{bytes}");
    drop(spool);
    let mut spool = Spool::open(dir.path(), limits).expect("the spool opens");
    assert_eq!(waiting(&mut spool), kept, "what was given up does not come back");
}

#[test]
fn past_its_age_a_report_is_given_up() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let mut spool = Spool::open(dir.path(), Limits { max_age: 10, ..Limits::default() }).expect("the spool opens");
    for at in [1, 5, 14, 15] {
        spool.append(&report(at));
    }
    assert_eq!(waiting(&mut spool), [5, 14, 15]);
}

#[test]
fn a_disk_that_cannot_be_written_leaves_reports_in_memory_until_it_can() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let mut spool = open(dir.path());
    // A folder where the next file belongs fails for root too, unlike permissions.
    let in_the_way = dir.path().join(format!("{:020}.log", 1));
    fs::create_dir(&in_the_way).expect("created");
    for at in [1, 2] {
        spool.append(&report(at));
    }
    assert_eq!(spool.only_in_memory(), 2);
    assert_eq!(waiting(&mut spool), [1, 2], "sending goes on");
    done_with_first(&mut spool, 1);
    let moved = dir.path().join(format!("{:020}.log", 2));
    fs::rename(&in_the_way, &moved).expect("renamed");
    spool.append(&report(3));
    assert_eq!(spool.only_in_memory(), 2);
    fs::remove_dir(&moved).expect("removed");
    spool.append(&report(4));
    assert_eq!(spool.only_in_memory(), 0);
    drop(spool);
    assert_eq!(waiting(&mut open(dir.path())), [2, 3, 4], "what waited in memory is on the disk, in order");
}

#[test]
fn memory_is_bounded_too() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let line = record::encode(1, &report(1)).expect("serializes").len();
    let limits = Limits { max_memory_bytes: line * 3, ..Limits::default() };
    let mut spool = Spool::open(dir.path(), limits).expect("the spool opens");
    for id in 1..=9 {
        fs::create_dir(dir.path().join(format!("{id:020}.log"))).expect("created");
    }
    (1..=5).for_each(|at| spool.append(&report(at)));
    assert_eq!(waiting(&mut spool), [3, 4, 5]);
}

#[test]
fn a_mark_that_is_nonsense_sends_again_and_loses_nothing() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let mut spool = open(dir.path());
    (1..=3).for_each(|at| spool.append(&report(at)));
    done_with_first(&mut spool, 2);
    drop(spool);
    fs::write(dir.path().join("mark"), "nonsense").expect("written");
    assert_eq!(waiting(&mut open(dir.path())), [1, 2, 3]);
}

/// Any order of appending, finishing, crashing and restarting, against a list in memory.
#[test]
fn whatever_the_order_of_events_the_spool_holds_what_is_not_done() {
    for seed in 1..=40_u64 {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let limits = Limits { max_bytes: 1 << 16, ..Limits::default() };
        let mut spool = Spool::open(dir.path(), limits).expect("the spool opens");
        let mut expected: VecDeque<Micros> = VecDeque::new();
        let mut random = seed;
        for step in 1..=60 {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            match random >> 61 {
                0..=3 => {
                    spool.append(&report(step));
                    expected.push_back(step);
                }
                4..=5 if !expected.is_empty() => {
                    let count = 1 + (random as usize >> 8) % expected.len();
                    done_with_first(&mut spool, count);
                    expected.drain(..count);
                }
                _ => {
                    drop(spool);
                    spool = Spool::open(dir.path(), limits).expect("the spool opens");
                }
            }
            assert_eq!(waiting(&mut spool), expected.iter().copied().collect::<Vec<_>>(), "seed {seed}, step {step}");
        }
    }
}
