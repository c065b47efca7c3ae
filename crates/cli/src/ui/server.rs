//! Whether server and agent run, for people.

use appia_api::documents::Server;

use super::Ui;

impl Ui {
    /// Writes whether server and agent run.
    pub(crate) fn server(&self, server: &Server) {
        let pid = |pid: Option<u32>| pid.map_or_else(String::new, |pid| format!(" (pid {pid})"));
        let mut text = format!("server  {}{}\n", server.state, pid(server.pid));
        text.push_str(&format!("agent   {}{}\n", server.agent, pid(server.agent_pid)));
        text.push_str(&format!("home    {}\n", server.home));
        if let Some(address) = &server.address {
            text.push_str(&format!(
                "address http://{address}, for whoever shows the token in `server.token`\n"
            ));
        }
        self.data(&text);
    }
}
