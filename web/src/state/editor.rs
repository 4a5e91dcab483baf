//! Links that open a place of the project in an editor on the reader's computer. A zip has no absolute path, so the reader
//! says once where the project lies. Pure.

use super::hash::encode;

/// Editors that register an address of their own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Editor {
    /// Visual Studio Code.
    #[default]
    Code,
    /// VSCodium.
    Codium,
    /// Cursor.
    Cursor,
    /// Zed.
    Zed,
    /// IntelliJ IDEA.
    Idea,
    /// PyCharm.
    PyCharm,
}

impl Editor {
    /// All, in the order of the menu.
    pub const ALL: [Self; 6] = [Self::Code, Self::Codium, Self::Cursor, Self::Zed, Self::Idea, Self::PyCharm];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Code => "VS Code",
            Self::Codium => "VSCodium",
            Self::Cursor => "Cursor",
            Self::Zed => "Zed",
            Self::Idea => "IntelliJ IDEA",
            Self::PyCharm => "PyCharm",
        }
    }

    /// Scheme of its addresses; also its name in what the browser keeps.
    #[must_use]
    pub const fn scheme(self) -> &'static str {
        match self {
            Self::Code => "vscode",
            Self::Codium => "vscodium",
            Self::Cursor => "cursor",
            Self::Zed => "zed",
            Self::Idea => "idea",
            Self::PyCharm => "pycharm",
        }
    }

    /// The one with that scheme, else the first.
    #[must_use]
    pub fn named(scheme: &str) -> Self {
        Self::ALL.into_iter().find(|one| one.scheme() == scheme).unwrap_or_default()
    }
}

/// A place in the project.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spot {
    /// File, relative to the project.
    pub path: String,
    /// Line from 1.
    pub line: u32,
    /// Column from 1.
    pub column: u32,
}

/// Where the project lies and what opens it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Home {
    /// The editor.
    pub editor: Editor,
    /// Folder of the project as [`folder`] gives it.
    pub folder: String,
}

/// `typed` as a folder with `/` between its parts and none at its end; `None` unless it is absolute.
#[must_use]
pub fn folder(typed: &str) -> Option<String> {
    let unified = typed.trim().trim_matches('"').replace('\\', "/");
    let mut bytes = unified.bytes();
    let drive = bytes.next().is_some_and(|letter| letter.is_ascii_alphabetic()) && bytes.next() == Some(b':');
    let absolute = unified.starts_with('/') || drive && unified.get(2..3) == Some("/");
    let cut = unified.trim_end_matches('/');
    (absolute && !unified.contains(['\n', '\r'])).then(|| cut.to_owned())
}

impl Home {
    /// The address that opens `spot`.
    #[must_use]
    pub fn link(&self, spot: &Spot) -> String {
        let Spot { path, line, column } = spot;
        // `C:/shop` has no slash of its own in front.
        let slash = if self.folder.starts_with('/') || self.folder.is_empty() { "" } else { "/" };
        let mut file = String::new();
        encode(&mut file, &format!("{slash}{}/{path}", self.folder));
        let scheme = self.editor.scheme();
        match self.editor {
            Editor::Idea | Editor::PyCharm => format!("{scheme}://open?file={file}&line={line}&column={column}"),
            _ => format!("{scheme}://file{file}:{line}:{column}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(editor: Editor, root: &str, path: &str) -> Option<String> {
        let home = Home { editor, folder: folder(root)? };
        Some(home.link(&Spot { path: path.to_owned(), line: 12, column: 5 }))
    }

    #[test]
    fn every_editor_has_its_own_address() {
        let of = |editor| link(editor, "/home/me/shop/", "app/orders.py").unwrap_or_default();
        assert_eq!(of(Editor::Code), "vscode://file/home/me/shop/app/orders.py:12:5");
        assert_eq!(of(Editor::Zed), "zed://file/home/me/shop/app/orders.py:12:5");
        assert_eq!(of(Editor::PyCharm), "pycharm://open?file=/home/me/shop/app/orders.py&line=12&column=5");
        assert!(Editor::ALL.into_iter().all(|one| Editor::named(one.scheme()) == one));
    }

    #[test]
    fn folders_of_windows_and_odd_names_are_encoded() {
        assert_eq!(
            link(Editor::Code, r" C:\Users\me\my shop\ ", "a#b/100%.py").as_deref(),
            Some("vscode://file/C:/Users/me/my%20shop/a%23b/100%25.py:12:5")
        );
        assert_eq!(link(Editor::Code, "/", "a.py").as_deref(), Some("vscode://file/a.py:12:5"));
        // A name cannot add a field of its own.
        assert_eq!(
            link(Editor::Idea, "/p", "a&line=1?.py").as_deref(),
            Some("idea://open?file=/p/a%26line%3D1%3F.py&line=12&column=5")
        );
    }

    #[test]
    fn only_absolute_folders_count() {
        for relative in ["", "shop", "./shop", "~/shop", "C:shop", "javascript:alert(1)", "/a\nb"] {
            assert_eq!(folder(relative), None, "{relative:?}");
        }
        assert_eq!(folder("\"/home/me\"").as_deref(), Some("/home/me"));
    }
}
