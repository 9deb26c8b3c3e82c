//! Tables as Markdown.

/// A table whose first column names its rows.
pub struct Table {
    head: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table of these columns.
    pub fn new<S: AsRef<str>>(head: impl IntoIterator<Item = S>) -> Table {
        Table { head: head.into_iter().map(|h| h.as_ref().to_string()).collect(), rows: Vec::new() }
    }

    /// Adds a row.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// The table under a heading and a sentence; nothing, where it has no rows.
    pub fn under(&self, heading: &str, sentence: &str) -> String {
        if self.rows.is_empty() {
            return String::new();
        }
        let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
        let rule: Vec<String> = self.head.iter().map(|_| "---".to_string()).collect();
        let rows: String = self.rows.iter().map(|row| line(row)).collect();
        format!("\n## {heading}\n\n{sentence}\n\n{}{}{rows}", line(&self.head), line(&rule))
    }
}

/// A number with so many digits, a dash where there is none.
pub fn number(value: Option<f32>, digits: usize) -> String {
    value.map_or("–".into(), |v| format!("{v:.digits$}"))
}
