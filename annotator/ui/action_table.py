"""Every action of the window as data: name, text, default keys, where it works, where it is listed.

The English texts are translated where they are shown, in the context "Actions".
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Scope(Enum):
    """Where the key works. READING: while the radiograph or the joint sheet has the focus, so that Tab, Enter
    and the arrows keep their meaning in lists and fields. WINDOW: everywhere but in a text field."""

    WINDOW = "window"
    READING = "reading"


class Group(Enum):
    """Heading under which the table of keys lists an action."""

    IMAGES = "Images"
    FINDINGS = "Findings"
    JOINTS = "Joints and boxes"
    READING = "Reading"
    PROPOSALS = "Proposals"
    DATA = "Models and data"
    GREY = "Window and level"
    VIEW = "View"
    PROGRAM = "Program"


@dataclass(frozen=True, slots=True)
class Entry:
    """One action. keys: as QKeySequence writes them (portable text). checkable: it is on or off."""

    name: str
    group: Group
    text: str
    keys: tuple[str, ...]
    scope: Scope = Scope.WINDOW
    checkable: bool = False
    repeats: bool = False


def _e(name: str, group: Group, text: str, *keys: str, repeats: bool = False) -> Entry:
    return Entry(name, group, text, keys, repeats=repeats)


def _switch(name: str, group: Group, text: str, *keys: str) -> Entry:
    return Entry(name, group, text, keys, checkable=True)


def _read(name: str, group: Group, text: str, *keys: str) -> Entry:
    return Entry(name, group, text, keys, Scope.READING)


def _step(name: str, group: Group, text: str, *keys: str) -> Entry:
    return Entry(name, group, text, keys, Scope.READING, repeats=True)


ENTRIES: tuple[Entry, ...] = (
    _e("open_files", Group.IMAGES, "Import files…", "Ctrl+O"),
    _e("open_folder", Group.IMAGES, "Import folder…", "Ctrl+Shift+O"),
    _e("next_image", Group.IMAGES, "Next image", "PgDown", repeats=True),
    _e("previous_image", Group.IMAGES, "Previous image", "PgUp", repeats=True),
    _e("next_unread", Group.IMAGES, "Next unread image", "U"),
    _e("image_details", Group.IMAGES, "Image details…", "Ctrl+I"),
    _e("search", Group.IMAGES, "Search the worklist", "/", "Ctrl+F"),
    _e("next_state", Group.IMAGES, "Filter by the next state", "F3"),
    _e("previous_state", Group.IMAGES, "Filter by the previous state", "Shift+F3"),
    _e("next_filter", Group.IMAGES, "Filter by the next finding", "F4"),
    _e("previous_filter", Group.IMAGES, "Filter by the previous finding", "Shift+F4"),
    _e("next_order", Group.IMAGES, "Next order of the list", "F6"),
    _e("turn_order", Group.IMAGES, "Turn the order round", "Shift+F6"),
    _e("order_anew", Group.IMAGES, "Put the list in order anew", "Ctrl+F6"),
    _e("choose_study", Group.IMAGES, "Choose a study", "F9"),
    _e("relocate", Group.IMAGES, "Relocate a moved folder…", "Ctrl+Shift+L"),
    _e("new_study", Group.IMAGES, "New study…", "Ctrl+N"),
    _e("withdraw_image", Group.IMAGES, "Withdraw image…", "Ctrl+Shift+W"),
    _e("withdraw_patient", Group.IMAGES, "Withdraw patient…", "Ctrl+Shift+P"),
    _e("ankylosis", Group.FINDINGS, "Ankylosis", "A"),
    _e("subluxation", Group.FINDINGS, "Subluxation", "S"),
    _e("dislocation", Group.FINDINGS, "Dislocation", "D"),
    _e("normal", Group.FINDINGS, "Normal", "N"),
    _e("not_assessable", Group.FINDINGS, "Not assessable…", "X"),
    _e("probable", Group.FINDINGS, "Probable or certain", "P"),
    _e("comment", Group.FINDINGS, "Comment on the joint", "C"),
    _read("confirm", Group.FINDINGS, "Confirm or accept, next joint", "Return", "Enter"),
    _read("rest_normal", Group.FINDINGS, "Rest is normal", "Shift+Return"),
    _step("next_joint", Group.JOINTS, "Next joint", "Tab", "J"),
    _step("previous_joint", Group.JOINTS, "Previous joint", "Shift+Tab", "K"),
    _e("place_box", Group.JOINTS, "Place a box where the joint is expected", "E"),
    _e("rename", Group.JOINTS, "Change the joint's name…", "G"),
    _e("copy_mirrored", Group.JOINTS, "Copy the box to the other hand, mirrored", "M"),
    _read("delete_box", Group.JOINTS, "Delete the box, reject the proposal", "Del", "Backspace"),
    _step("nudge_left", Group.JOINTS, "Box 1 pixel left", "Left"),
    _step("nudge_right", Group.JOINTS, "Box 1 pixel right", "Right"),
    _step("nudge_up", Group.JOINTS, "Box 1 pixel up", "Up"),
    _step("nudge_down", Group.JOINTS, "Box 1 pixel down", "Down"),
    _step("nudge_far_left", Group.JOINTS, "Box 10 pixels left", "Shift+Left"),
    _step("nudge_far_right", Group.JOINTS, "Box 10 pixels right", "Shift+Right"),
    _step("nudge_far_up", Group.JOINTS, "Box 10 pixels up", "Shift+Up"),
    _step("nudge_far_down", Group.JOINTS, "Box 10 pixels down", "Shift+Down"),
    _step("narrower_box", Group.JOINTS, "Box narrower", "Ctrl+Left"),
    _step("wider_box", Group.JOINTS, "Box wider", "Ctrl+Right"),
    _step("taller_box", Group.JOINTS, "Box taller", "Ctrl+Up"),
    _step("lower_box", Group.JOINTS, "Box lower", "Ctrl+Down"),
    _e("undo", Group.READING, "Undo", "Ctrl+Z", repeats=True),
    _e("redo", Group.READING, "Redo", "Ctrl+Y", "Ctrl+Shift+Z", repeats=True),
    _e("swap_sides", Group.READING, "Swap right and left", "Y"),
    _e("confirm_sides", Group.READING, "Right and left are as shown", "Shift+Y"),
    _switch("hands_both", Group.READING, "Both hands", "Shift+B"),
    _switch("hands_right", Group.READING, "Right hand only", "Shift+R"),
    _switch("hands_left", Group.READING, "Left hand only", "Shift+L"),
    _e("image_comment", Group.READING, "Comment on the image…", "Shift+C"),
    _e("exclude", Group.READING, "Exclude image…", "Shift+X"),
    _e("sign", Group.READING, "Sign", "Ctrl+Return", "Ctrl+Enter"),
    _e("reopen", Group.READING, "Reopen…", "Ctrl+Shift+Return"),
    _e("propose", Group.PROPOSALS, "Propose joints on this image", "Q"),
    _e("propose_all", Group.PROPOSALS, "Propose for the whole worklist", "Shift+Q"),
    _e("accept_rest", Group.PROPOSALS, "Accept the rest…", "Shift+A"),
    _e("next_proposal", Group.PROPOSALS, "Next proposal", "Z", repeats=True),
    _e("previous_proposal", Group.PROPOSALS, "Previous proposal", "Shift+Z", repeats=True),
    _switch("proposal_boxes", Group.PROPOSALS, "Show proposals", "T"),
    _switch("least_certain", Group.PROPOSALS, "Least certain first", "O"),
    _switch("differences", Group.PROPOSALS, "Differences to the model", "Shift+D"),
    _e("higher_threshold", Group.PROPOSALS, "Higher threshold", "Ctrl+]", repeats=True),
    _e("lower_threshold", Group.PROPOSALS, "Lower threshold", "Ctrl+[", repeats=True),
    _switch("heat_map", Group.PROPOSALS, "Heat map of the joint", "H"),
    _e("heat_finding", Group.PROPOSALS, "Heat map of the other finding", "Shift+H"),
    _e("heat_layer", Group.PROPOSALS, "Heat map of the next layer", "Ctrl+H"),
    _e("stronger_heat", Group.PROPOSALS, "Stronger heat map", "Alt+]", repeats=True),
    _e("weaker_heat", Group.PROPOSALS, "Weaker heat map", "Alt+[", repeats=True),
    _e("models", Group.DATA, "Models…", "Ctrl+Shift+M"),
    _e("train", Group.DATA, "Train a new version…", "Ctrl+Shift+T"),
    _e("model_audit", Group.DATA, "Audit of the model…", "Ctrl+Shift+A"),
    _e("study_policy", Group.DATA, "When proposals are shown…", "Ctrl+Shift+S"),
    _e("queue", Group.DATA, "What to read next…", "Ctrl+Shift+N"),
    _e("report", Group.DATA, "Report…", "Ctrl+P"),
    _e("export", Group.DATA, "Export labels…", "Ctrl+Shift+E"),
    _e("import_labels", Group.DATA, "Import labels…", "Ctrl+Shift+I"),
    _e("compare_releases", Group.DATA, "Compare two releases…", "Ctrl+Shift+C"),
    _e("next_preset", Group.GREY, "Next window preset", "W"),
    _e("previous_preset", Group.GREY, "Previous window preset", "Shift+W"),
    _switch("voi_lut", Group.GREY, "VOI LUT of the file", "V"),
    _switch("invert", Group.GREY, "Invert", "I"),
    _e("narrower", Group.GREY, "More contrast", "[", repeats=True),
    _e("wider", Group.GREY, "Less contrast", "]", repeats=True),
    _e("darker", Group.GREY, "Darker", ",", repeats=True),
    _e("brighter", Group.GREY, "Brighter", ".", repeats=True),
    _e("fit", Group.VIEW, "Fit to the window", "F"),
    _e("one_to_one", Group.VIEW, "One image pixel to one screen pixel", "1"),
    _e("zoom_in", Group.VIEW, "Zoom in", "+", "=", repeats=True),
    _e("zoom_out", Group.VIEW, "Zoom out", "-", repeats=True),
    _e("pan_left", Group.VIEW, "See more on the left", "Alt+Left", repeats=True),
    _e("pan_right", Group.VIEW, "See more on the right", "Alt+Right", repeats=True),
    _e("pan_up", Group.VIEW, "See more above", "Alt+Up", repeats=True),
    _e("pan_down", Group.VIEW, "See more below", "Alt+Down", repeats=True),
    _e("reset_view", Group.VIEW, "Reset zoom, window and turning", "R"),
    _e("rotate_right", Group.VIEW, "Turn the view right", "Ctrl+R"),
    _e("rotate_left", Group.VIEW, "Turn the view left", "Ctrl+Shift+R"),
    _switch("mirror", Group.VIEW, "Mirror the view", "Ctrl+M"),
    _switch("loupe", Group.VIEW, "Loupe", "L"),
    _switch("show_boxes", Group.VIEW, "Show boxes", "B"),
    _e("focus_worklist", Group.VIEW, "Go to the worklist", "Ctrl+1"),
    _e("focus_radiograph", Group.VIEW, "Go to the radiograph", "Ctrl+2"),
    _e("focus_joints", Group.VIEW, "Go to the joint sheet", "Ctrl+3"),
    _e("focus_proposals", Group.VIEW, "Go to the list of proposals", "Ctrl+4"),
    _switch("show_worklist", Group.VIEW, "Show the worklist", "F7"),
    _switch("show_joints", Group.VIEW, "Show the joint sheet", "F8"),
    _switch("show_proposals", Group.VIEW, "Show the list of proposals", "F12"),
    _switch("float_worklist", Group.VIEW, "Worklist in its own window", "Shift+F7"),
    _switch("float_joints", Group.VIEW, "Joint sheet in its own window", "Shift+F8"),
    _switch("float_proposals", Group.VIEW, "List of proposals in its own window", "Shift+F12"),
    _switch("full_screen", Group.VIEW, "Full screen", "F11"),
    _e("retry_save", Group.PROGRAM, "Try to save again", "Ctrl+S"),
    _e("dismiss", Group.PROGRAM, "Dismiss the message", "Ctrl+Shift+D"),
    _e("cancel_job", Group.PROGRAM, "Cancel what is running", "Ctrl+."),
    _e("sign_in", Group.PROGRAM, "Sign in as somebody else…", "Ctrl+L"),
    _e("people", Group.PROGRAM, "People…", "Ctrl+Shift+U"),
    _e("preferences", Group.PROGRAM, "Preferences…", "Ctrl+,"),
    _e("keys", Group.PROGRAM, "Keys", "F1", "?"),
    _e("guide", Group.PROGRAM, "Guide to boxes and findings", "F2"),
    _e("about", Group.PROGRAM, "About Knuckle", "Shift+F1"),
    _e("quit", Group.PROGRAM, "Quit", "Ctrl+Q"),
)

SEPARATOR = "-"


@dataclass(frozen=True, slots=True)
class MenuPlan:
    """A menu: its title with the mnemonic, and names of actions, SEPARATOR or menus within it."""

    title: str
    items: tuple[str | MenuPlan, ...]


def _names(row: str) -> tuple[str, ...]:
    return tuple(row.split())


_PANELS = MenuPlan(
    "Pa&nels",
    _names("show_worklist show_joints show_proposals - float_worklist float_joints float_proposals"),
)
_BOXES = MenuPlan(
    "&Joints and boxes",
    _names(
        "next_joint previous_joint - place_box rename copy_mirrored delete_box"
        " - nudge_left nudge_right nudge_up nudge_down"
        " - nudge_far_left nudge_far_right nudge_far_up nudge_far_down"
        " - narrower_box wider_box taller_box lower_box"
    ),
)
_SIDES = MenuPlan(
    "&Hands and sides", ("swap_sides", "confirm_sides", SEPARATOR, "hands_both", "hands_right", "hands_left")
)
_LIST = MenuPlan(
    "&Worklist",
    _names(
        "search - next_state previous_state - next_filter previous_filter - next_order turn_order order_anew"
    ),
)
_PAN = MenuPlan("&Pan", ("pan_left", "pan_right", "pan_up", "pan_down"))
_HEAT = MenuPlan("&Heat map", _names("heat_map - heat_finding heat_layer - stronger_heat weaker_heat"))
_GREY = MenuPlan("&Contrast and brightness", ("narrower", "wider", "darker", "brighter"))

MENUS: tuple[MenuPlan, ...] = (
    MenuPlan(
        "&Study",
        (
            *_names("open_files open_folder import_labels relocate"),
            *_names("- next_image previous_image next_unread image_details"),
            _LIST,
            *_names("- choose_study new_study withdraw_image withdraw_patient"),
            *_names("- retry_save dismiss cancel_job - sign_in people preferences - quit"),
        ),
    ),
    MenuPlan(
        "&Read",
        (
            *(
                "undo",
                "redo",
                SEPARATOR,
                "ankylosis",
                "subluxation",
                "dislocation",
                "normal",
                "not_assessable",
            ),
            *(
                "probable",
                "comment",
                SEPARATOR,
                "confirm",
                "rest_normal",
                SEPARATOR,
                _BOXES,
                _SIDES,
                SEPARATOR,
            ),
            *("image_comment", "exclude", SEPARATOR, "sign", "reopen"),
        ),
    ),
    MenuPlan(
        "&Proposals",
        (
            *_names("propose propose_all - accept_rest next_proposal previous_proposal"),
            *_names("- proposal_boxes least_certain differences higher_threshold lower_threshold"),
            _HEAT,
        ),
    ),
    MenuPlan("&Models", _names("models train model_audit - study_policy")),
    MenuPlan("&Export", _names("export compare_releases - report queue")),
    MenuPlan(
        "&View",
        (
            *("fit", "one_to_one", "zoom_in", "zoom_out", "reset_view", _PAN, SEPARATOR),
            *("rotate_right", "rotate_left", "mirror", SEPARATOR),
            *("next_preset", "previous_preset", _GREY, "voi_lut", "invert", "loupe", "show_boxes", SEPARATOR),
            *(
                "focus_worklist",
                "focus_radiograph",
                "focus_joints",
                "focus_proposals",
                _PANELS,
                "full_screen",
            ),
        ),
    ),
    MenuPlan("&Help", ("keys", "guide", SEPARATOR, "about")),
)
