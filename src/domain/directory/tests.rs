use super::*;

const SMALL: &str = "madoguchi directory 1\nas_of\t2026-08-24\n# remark\noften\t0001\n\
    0001\tひので\tヒノデ\n001\t本店\tホンテン\n0002\tつきよ\tツキヨ\n003\t駅前\tエキマエ\n";

fn own() -> Vec<OwnBank> {
    vec![OwnBank {
        code: "0984".to_owned(),
        name: "しらかば信用金庫".to_owned(),
        kana: "シラカバシンキン".to_owned(),
        branches: vec![("001".to_owned(), "本店営業部".to_owned())],
    }]
}

#[test]
fn the_built_in_list_is_whole() {
    let directory = Directory::builtin();
    assert!(directory.bank_count() > 1_000, "{}", directory.bank_count());
    assert!(directory.branch_count() > 25_000, "{}", directory.branch_count());
    assert!(directory.as_of() >= NaiveDate::from_ymd_opt(2026, 8, 24).unwrap());
    assert!(BUILT_IN.len() < 512 * 1024, "{}", BUILT_IN.len());
    let named = directory.banks().all(|bank| directory.branches_of(bank.code).count() > 0);
    assert!(named);
    assert!(directory.text.contains("Permission is hereby granted"), "its licence goes with it");
}

#[test]
fn banks_are_found_as_people_type_them() {
    let own = own();
    let catalogue = Catalogue { directory: Directory::builtin(), own: &own };
    for (typed, code) in [
        ("0005", "0005"),
        ("０００５", "0005"),
        ("三菱ＵＦＪ", "0005"),
        ("三菱UFJ銀行", "0005"),
        ("みつびし", "0005"),
        ("ﾐﾂﾋﾞｼ", "0005"),
        ("mitsubishi", "0005"),
        ("mitubisi", "0005"),
        ("りそな銀行", "0010"),
        ("yuucho", "9900"),
        ("ゆうちょ", "9900"),
        ("ゆうちょ銀行", "9900"),
        ("シラカバ", "0984"),
        ("白樺", ""),
        ("しらかば信用金庫", "0984"),
        ("shirakaba", "0984"),
        ("0984", "0984"),
        ("埼玉縣信用金庫", "1250"),
        ("  ", ""),
        ("%_'", ""),
        ("9999", ""),
    ] {
        let found = search(catalogue.banks(), Query::Text(typed));
        let first = found.first().map_or("", |bank| bank.code);
        assert_eq!(first, code, "{typed}: {:?}", found.iter().take(5).collect::<Vec<_>>());
    }
}

#[test]
fn branches_are_found_as_people_type_them() {
    let list = "madoguchi directory 1\nas_of\t2026-08-24\n0001\tひので\tヒノデ\n\
        001\t東京営業部\tトウキヨウ\n002\t北海道\tホツカイドウ\n003\t中央\tチユウオウ\n\
        004\t茅ヶ崎\tチガサキ\n005\t新橋\tシンバシ\n006\t県央\tケンオウ\n007\t大阪\tオオサカ\n\
        008\t十条\tジユウジヨウ\n009\t札幌\tサツポロ\n010\t深川\tフカガワ\n011\t京都\tキヨウト\n\
        012\t知事通\tチジドオリ\n013\t一丁目\tイツチヨウメ\n014\t百合ケ丘\tユリガオカ\n";
    let directory = Directory::parse(list.to_owned()).unwrap();
    for (typed, code) in [
        ("tokyo", "001"),
        ("Tōkyō", "001"),
        ("toukyou", "001"),
        ("東京", "001"),
        ("hokkaido", "002"),
        ("chuo", "003"),
        ("tyuuou", "003"),
        ("ちゅうおう", "003"),
        ("中央支店", "003"),
        ("茅ケ崎", "004"),
        ("shimbashi", "005"),
        ("sinbasi", "005"),
        ("kenou", "006"),
        ("ken'ou", "006"),
        ("osaka", "007"),
        ("oosaka", "007"),
        ("jujo", "008"),
        ("juujou", "008"),
        ("sapporo", "009"),
        ("fukagawa", "010"),
        ("kyoto shiten", "011"),
        ("itchome", "013"),
        ("icchoume", "013"),
        ("yurigaoka", "014"),
        ("14", ""),
        ("014", "014"),
    ] {
        let found = search(directory.branches_of("0001"), Query::Text(typed));
        assert_eq!(found.first().map_or("", |one| one.code), code, "{typed}: {found:?}");
    }
}

#[test]
fn initials_cut_the_list_without_losing_anybody() {
    let catalogue = Catalogue { directory: Directory::builtin(), own: &[] };
    let of = |query| search(catalogue.banks(), query);
    let mut all: Vec<&str> = ROWS
        .iter()
        .flat_map(|row| of(Query::Initial(row.kana)))
        .chain(of(Query::NoInitial))
        .map(|bank| bank.code)
        .collect();
    all.sort_unstable();
    let every: Vec<&str> = Directory::builtin().banks().map(|bank| bank.code).collect();
    assert_eq!(all, every);
    let ga = of(Query::Initial("か"));
    assert!(ga.iter().any(|bank| bank.kana.starts_with('ガ')), "voiced ones stand with their row");
}

#[test]
fn own_banks_come_first_and_stand_there_once() {
    let mut own = own();
    own.push(OwnBank { code: "0001".to_owned(), branches: Vec::new(), ..own[0].clone() });
    own[1].branches =
        vec![("001".to_owned(), "x".to_owned()), ("999".to_owned(), "新店".to_owned())];
    let directory = Directory::parse(SMALL.to_owned()).unwrap();
    let catalogue = Catalogue { directory: &directory, own: &own };
    let codes: Vec<&str> = catalogue.banks().map(|bank| bank.code).collect();
    assert_eq!(codes, ["0984", "0001", "0002"]);
    let branches = catalogue.branches_of("0001");
    let names: Vec<&str> = branches.iter().map(|branch| branch.name).collect();
    assert_eq!(names, ["本店", "新店"], "the list's own name wins");
    assert_eq!(catalogue.find("0984", "001").unwrap().1.name, "本店営業部");
    assert!(catalogue.find("0984", "002").is_none() && catalogue.find("0003", "001").is_none());
    let often: Vec<&str> = catalogue.often().iter().map(|bank| bank.code).collect();
    assert_eq!(often, ["0984", "0001"]);
}

#[test]
fn a_broken_list_is_refused_with_its_line() {
    let good = Directory::parse(SMALL.to_owned()).unwrap();
    assert_eq!((good.bank_count(), good.branch_count()), (2, 2));
    assert!(Directory::parse(SMALL.replace('\n', "\r\n")).is_ok());
    for (from, to, line, why) in [
        ("directory 1", "directory 2", 1, "begins with the line"),
        ("2026-08-24", "24.8.2026", 2, "as_of is a day"),
        ("as_of\t2026-08-24\n", "", 7, "no line `as_of`"),
        ("often\t0001", "often\t001", 4, "four digits"),
        ("0002\tつきよ", "0001\tつきよ", 7, "codes rise"),
        ("001\t本店\tホンテン\n", "001\t本店\tホンテン\n001\t本店\tホンテン\n", 7, "codes rise"),
        ("001\t本店\tホンテン\n", "", 6, "no branch"),
        ("003\t駅前\tエキマエ\n", "", 7, "no branch"),
        ("ホンテン", "ほんてん", 6, "katakana"),
        ("\tホンテン", "", 6, "behind the code"),
        ("本店", "", 6, "1 to 60"),
        ("# remark", "remark", 3, "tabs"),
        ("# remark", "00\tx\ty", 3, "4 digits"),
        ("0001\tひので\tヒノデ\n", "", 5, "before any bank"),
    ] {
        let error = Directory::parse(SMALL.replacen(from, to, 1)).unwrap_err();
        assert_eq!(error.line, line, "{from} -> {to}: {error}");
        assert!(error.why.contains(why), "{from} -> {to}: {error}");
    }
    assert!(Directory::parse(String::new()).is_err());
}
