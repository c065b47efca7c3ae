//! Faults that are planted in exported files, to see that a judge catches each: `cargo xtask judge faults`.
//!
//! Each fault changes one place of a copy of a golden folder. trivy and checkov see all copies in one run; a fault counts as
//! caught by them only when the finding is one that would fail a test run. What they let through goes to Terraform's
//! `validate`, and then to its `plan`. The table says by whom each was caught. Start at [`run`].

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use super::{scanners, terraform};
use crate::command::root;
use crate::setup::{self, Tools};

/// The golden folder with most kinds of objects.
const GOLDEN: &str = "crates/targets/tests/goldens/aws/shop";

/// What is planted: a text that stands in the files, and what stands there instead.
const FAULTS: &[(&str, &str)] = &[
    // Encryption that is missing.
    ("storage_encrypted          = true", "storage_encrypted          = false"),
    ("sqs_managed_sse_enabled   = true", "sqs_managed_sse_enabled   = false"),
    ("kms_master_key_id = \"alias/aws/sns\"", "display_name = \"news\""),
    ("ELBSecurityPolicy-TLS13-1-2-2021-06", "ELBSecurityPolicy-2016-08"),
    // Buckets and databases for everybody.
    ("block_public_acls       = true", "block_public_acls       = false"),
    ("block_public_policy     = true", "block_public_policy     = false"),
    ("ignore_public_acls      = true", "ignore_public_acls      = false"),
    ("restrict_public_buckets = true", "restrict_public_buckets = false"),
    ("publicly_accessible        = false", "publicly_accessible        = true"),
    ("status = \"Enabled\"", "status = \"Suspended\""),
    // Networks that are open.
    (
        "from_port                    = 5432\n  ip_protocol                  = \"tcp\"\n  referenced_security_group_id = aws_security_group.api.id",
        "from_port = 22\n  ip_protocol = \"tcp\"\n  cidr_ipv4 = \"0.0.0.0/0\"",
    ),
    (
        "from_port         = 443\n  ip_protocol       = \"tcp\"\n  security_group_id = aws_security_group.door.id\n  to_port           = 443",
        "ip_protocol       = \"-1\"\n  security_group_id = aws_security_group.door.id",
    ),
    ("assign_public_ip = false", "assign_public_ip = true"),
    ("map_public_ip_on_launch = false", "map_public_ip_on_launch = true"),
    ("drop_invalid_header_fields = true", "drop_invalid_header_fields = false"),
    // Protection that is missing.
    ("backup_retention_period    = 7", "backup_retention_period    = 0"),
    ("copy_tags_to_snapshot      = true", "copy_tags_to_snapshot      = false"),
    ("deletion_protection        = true", "deletion_protection        = false"),
    ("enable_deletion_protection = true", "enable_deletion_protection = false"),
    ("auto_minor_version_upgrade = true", "auto_minor_version_upgrade = false"),
    ("readonlyRootFilesystem = true", "readonlyRootFilesystem = false"),
    ("retention_in_days = 30", "skip_destroy = true"),
    // Rights that are too wide.
    (
        "Action   = [\"sns:Publish\"]\n        Effect   = \"Allow\"\n        Resource = [aws_sns_topic.news.arn]",
        "Action   = [\"*\"]\n        Effect   = \"Allow\"\n        Resource = [\"*\"]",
    ),
    ("Principal = {\n          Service = \"ecs-tasks.amazonaws.com\"\n        }", "Principal = \"*\""),
    // Attributes that do not exist, are missing or are of another type.
    ("allocated_storage          = 20", "alocated_storage          = 20"),
    ("allocated_storage          = 20", "allocated_storage          = \"much\""),
    ("multi_az                   = false", "multi_az                   = \"maybe\""),
    ("  instance_class             = \"db.t4g.micro\"\n", ""),
    ("  family                   = \"shop-prod-api\"\n", ""),
    ("network_mode             = \"awsvpc\"", "network_mode             = \"vpc\""),
    ("launch_type     = \"FARGATE\"", "launch_type     = \"FARGAT\""),
    ("cidr_block           = \"10.0.0.0/16\"", "cidr_block           = \"10.0.0.0/33\""),
    ("status_code = \"HTTP_301\"", "status_code = \"301\""),
    // Nesting.
    (
        "deployment_circuit_breaker {\n    enable   = true\n    rollback = true\n  }",
        "deployment_circuit_breaker = {\n    enable   = true\n    rollback = true\n  }",
    ),
    ("  versioning_configuration {\n    status = \"Enabled\"\n  }\n", ""),
    ("    rollback = true\n", ""),
    // References that lead nowhere.
    (
        "db_subnet_group_name       = aws_db_subnet_group.db.name",
        "db_subnet_group_name       = aws_db_subnet_group.data.name",
    ),
    ("cluster         = aws_ecs_cluster.main.id", "cluster         = aws_ecs_cluster.main.identity"),
    ("load_balancer_arn = aws_lb.main.arn", "load_balancer_arn = aws_load_balancer.main.arn"),
    ("image     = var.image_api", "image     = var.image_apy"),
];

/// `cargo xtask judge faults`.
pub(crate) fn run() -> Result<ExitCode> {
    let all = [setup::python_judges(), setup::scanners(), setup::terraform(), vec![setup::schemas()]];
    let tools = Tools(all.into_iter().flatten().collect());
    let work = terraform::scratch("faults")?;
    let folders = plant(&work)?;
    let mut caught = vec![None; FAULTS.len()];
    for (name, place) in scanners::found(&work, &tools)? {
        let number =
            place.split(['/', ' ']).find_map(|part| part.strip_prefix("fault-")?.parse::<usize>().ok());
        if let Some(slot) = number.and_then(|number| caught.get_mut(number)) {
            slot.get_or_insert(name);
        }
    }
    let asked = terraform::Asked::new(&terraform::scratch("faults-providers")?, &tools)?;
    for (folder, slot) in folders.iter().zip(&mut caught).filter(|(_, slot)| slot.is_none()) {
        *slot = asked.refuses(folder)?;
    }
    Ok(table(&caught))
}

/// A copy of the golden folder for each fault.
fn plant(work: &Path) -> Result<Vec<PathBuf>> {
    let planted = |(number, (from, to)): (usize, &(&str, &str))| {
        let folder = work.join(format!("fault-{number:02}"));
        std::fs::create_dir_all(&folder)?;
        let mut places = 0;
        for file in terraform::files(&root().join(GOLDEN))? {
            let text = std::fs::read_to_string(&file)?;
            let changed = if places == 0 { text.replacen(from, to, 1) } else { text.clone() };
            places += usize::from(changed != text);
            std::fs::write(folder.join(file.file_name().context("a file has no name")?), changed)?;
        }
        if places == 0 {
            bail!("`{from}` stands nowhere in `{GOLDEN}`: plant another fault");
        }
        Ok(folder)
    };
    FAULTS.iter().enumerate().map(planted).collect()
}

fn table(caught: &[Option<&'static str>]) -> ExitCode {
    for ((from, to), by) in FAULTS.iter().zip(caught) {
        let change = format!("{} -> {}", from.trim(), to.trim()).replace('\n', " ");
        let words: Vec<&str> = change.split_whitespace().collect();
        println!("  {:<20} {}", by.unwrap_or("NOBODY"), words.join(" "));
    }
    let missed = caught.iter().filter(|by| by.is_none()).count();
    println!("{} faults, {} caught, {missed} not", caught.len(), caught.len() - missed);
    if missed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
