"""Progress is what the tools print; these are lines that they really printed."""

from tunesmith.steps.progress import brackets, clock, copying, step_of, tqdm, trainer_log

TRAINER = (
    '{"current_steps": 2, "total_steps": 75, "loss": 3.9412, "lr": 5e-04, "epoch": 0.13, "percentage": 2.67, '
    '"elapsed_time": "0:00:02", "remaining_time": "0:01:16"}\n'
    '{"current_steps": 4, "total_steps": 75, "loss": -1.5e-05, "lr": 5e-04, "epoch": 0.27, "percentage": 5.33, '
    '"elapsed_time": "0:00:04", "remaining_time": "0:01:14"}\n'
)


def test_the_trainers_last_whole_line_counts_and_keeps_negative_and_scientific_numbers() -> None:
    found = trainer_log(TRAINER + '{"current_steps": 6, "total')
    assert found is not None
    assert (found.done, found.total, found.note, found.eta_seconds) == (4, 75, "loss -1.5e-05", 74.0)


def test_no_line_of_the_trainer_is_no_progress() -> None:
    assert trainer_log("") is None
    assert trainer_log('{"current_steps": 1') is None


def test_a_tqdm_bar_redrawn_by_carriage_returns_shows_its_last_drawing() -> None:
    text = "Writing:   0%|          | 0.00/269M [00:00<?, ?byte/s]\rWriting:  45%|####      | 121M/269M [00:01<00:02, 88Mbyte/s]"
    found = tqdm(text)
    assert found is not None
    assert (found.done, found.total, found.unit, found.eta_seconds) == (121e6, 269e6, "bytes", 2.0)


def test_llama_quantize_counts_tensors_in_brackets() -> None:
    found = brackets("[   1/ 272] a\n[  42/ 272]  blk.0.attn_k.weight - [ 576, 192]\n")
    assert found is not None
    assert (found.done, found.total) == (42, 272)


def test_our_own_scripts_count_parts_that_are_done() -> None:
    found = step_of("step 1 of 5: making the environment\nstep 2 of 5: installing PyTorch\n")
    assert found is not None
    assert (found.done, found.total, found.note) == (1, 5, "installing PyTorch")


def test_clocks() -> None:
    assert clock("1 day, 0:00:01") == 86401
    assert clock("01:02") == 62
    assert clock("?") is None


def test_ollama_create_draws_its_files_over_and_over() -> None:
    drawn = (
        "\x1b[?2026h\x1b[?25l\x1b[1Ggathering model components \x1b[K\n"
        "copying file sha256:344b5b1777aa7b344d7a009cbb30bf4e15cd00bfbeb610277094fef3084ef47c 100% \x1b[K\n"
        "copying file sha256:b4e16ff92de3713892ddc8707d925827a59b7ad0441af2ea0b77c5525a1ed76c 41% ⠋ \x1b[K"
    )
    progress = copying(drawn)
    assert progress is not None
    assert (progress.done, progress.total, progress.note) == (41, 100, "file b4e16ff9…")
    assert copying("gathering model components") is None
