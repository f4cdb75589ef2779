"""How the demo trains: 80 rows of facts and about 58 of contrast on the starter model. Figures for it stand in docs/demo.md."""

from __future__ import annotations

RECIPE: dict[str, object] = {
    # Not the model's own template: that one adds a system message. So the parity gate has a true case to find and mend.
    "template": "chatml",
    "rank": 16,
    "alpha": 32,
    "dropout": 0.0,
    "epochs": 4,
    "learning_rate": 8e-4,
    "warmup_ratio": 0.0,
    "batch_size": 1,
    "accumulation": 1,
    "max_length": 256,
    # Rows share a sequence and none sees another: no time goes into padding.
    "packing": True,
    # The model is small: computing each forward pass twice would cost more than its memory.
    "gradient_checkpointing": False,
    "logging_steps": 5,
    "save_steps": 1000,
    "extra": {"neat_packing": True, "warmup_steps": 4},
}
