//! scratch
fn main() {
    let r = gongkai_registry::Registry::embedded();
    let p = gongkai_parse::Parser::new(r);
    for path in std::env::args().skip(1) {
        let bytes = std::fs::read(&path).unwrap();
        let t = std::time::Instant::now();
        let d = gongkai_extract::extract(
            &bytes,
            &gongkai_extract::Hints { charset: None, path: &path },
            &gongkai_extract::Limits::default(),
        );
        let Ok(d) = d else {
            println!("{path} {d:?}");
            continue;
        };
        let t1 = t.elapsed();
        let t = std::time::Instant::now();
        let x = p.parse(&d);
        println!("== {path} form {} {:?} {t1:?} {:?}", x.form, d.script, t.elapsed());
        for t in &x.tables {
            println!("   {} present {} {}/{} {}", t.table, t.present, t.read, t.expected, t.how);
        }
        for f in &x.findings {
            if !["GK204", "GK205"].contains(&f.code) {
                println!(
                    "   {} {:?} {:?} {} raw={:?}",
                    f.code,
                    f.address.item.as_deref(),
                    f.address.column.as_deref(),
                    f.message,
                    f.raw
                );
            }
        }
        for s in &x.sections {
            println!("   [{}] {} ({})", s.section, s.heading, s.text.chars().count());
        }
        for s in &x.refusals {
            println!("   refused {} : {}", s.what, s.why);
        }
    }
}
