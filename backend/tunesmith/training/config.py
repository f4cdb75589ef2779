"""The typed configuration of a training. Each field says what it means; `config_text` reads and writes it as YAML."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator

from tunesmith.domain.name import Name


def _no_truth(value: object) -> object:
    """`rank: yes` is a slip, not the number 1."""
    if isinstance(value, bool):
        raise ValueError("true and false are no numbers")
    return value


Whole = Annotated[int, BeforeValidator(_no_truth)]
Number = Annotated[float, BeforeValidator(_no_truth)]
MOST = 10**9
"""Of anything that is counted: more is a slip, and the tools keep such numbers in 32 or 64 bits."""


class TrainingConfig(BaseModel):
    """What to train, on what, and how. Unknown keys are an error; keys of LLaMA-Factory that have no field go into `extra`."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    base: str = Field(min_length=1, description="Base model: its name or its path relative to home.")
    dataset: list[str] = Field(min_length=1, description="Data sets, by name; one may be written without brackets.")
    name: Name | None = Field(None, description="Name of the run, a folder under saves/. Made from the data set's when absent.")
    method: Literal["sft"] = Field("sft", description="Supervised fine-tuning.")
    finetuning: Literal["lora", "qlora", "dora", "full"] = Field(
        "lora",
        description="qlora: LoRA on a base in 4 bit. dora: LoRA with learned magnitudes, released merged. full: every weight.",
    )
    template: str | None = Field(None, description="Chat template of LLaMA-Factory; found from the base when absent.")

    rank: Whole = Field(16, ge=1, le=1024, description="Rank of LoRA's matrices.")
    alpha: Whole | None = Field(None, ge=1, le=MOST, description="LoRA's scale is alpha/rank. Twice the rank when absent.")
    dropout: Number = Field(0.05, ge=0, lt=1, description="Dropout before LoRA's first matrix.")
    targets: list[str] = Field(
        ["all"], min_length=1, description="Names of the layers that are adapted; all: every linear layer."
    )
    rslora: bool = Field(False, description="Scale by alpha/√rank. Such adapters can only be released merged.")

    epochs: Number = Field(3.0, gt=0, le=1000, description="How often each row is seen. Ignored when max_steps is set.")
    max_steps: Whole | None = Field(None, ge=1, le=MOST, description="Exactly so many optimizer steps, in the place of epochs.")
    learning_rate: Number = Field(2e-4, gt=0, lt=1, description="Highest learning rate.")
    scheduler: Literal["cosine", "linear", "constant", "constant_with_warmup", "cosine_with_restarts", "polynomial"] = Field(
        "cosine", description="How the learning rate falls."
    )
    warmup_ratio: Number = Field(0.03, ge=0, lt=1, description="Share of the steps in which the learning rate rises.")
    weight_decay: Number = Field(0.0, ge=0, lt=1, description="AdamW's weight decay.")
    max_grad_norm: Number = Field(1.0, gt=0, description="Gradients are clipped to this norm.")
    batch_size: Whole = Field(2, ge=1, le=4096, description="Rows a device sees at once.")
    accumulation: Whole = Field(4, ge=1, le=4096, description="Batches in one optimizer step.")
    max_length: Whole = Field(2048, ge=16, le=1 << 20, description="Tokens of a row; the rest is cut off.")
    packing: bool = Field(False, description="Fill each sequence with several rows: faster on many short rows.")
    train_on_prompt: bool = Field(False, description="Learn the questions, too.")
    neftune: Number | None = Field(None, gt=0, description="Strength of NEFTune's noise on the embeddings.")
    gradient_checkpointing: bool = Field(True, description="Compute activations twice instead of keeping them: less memory.")
    quantization_bit: Literal[4, 8] | None = Field(None, description="Load the base in 4 or 8 bit (CUDA only).")

    eval_split: Number = Field(0.0, ge=0, lt=1, description="Share of the rows held out for the evaluation loss.")
    save_steps: Whole = Field(100, ge=1, le=MOST, description="Steps from checkpoint to checkpoint, and between evaluations.")
    keep_checkpoints: Whole = Field(3, ge=1, le=MOST, description="The newest so many are kept.")
    logging_steps: Whole = Field(1, ge=1, le=MOST, description="Steps from one line of metrics to the next.")
    seed: Whole = Field(42, ge=0, lt=1 << 32, description="Seed of shuffling, split and initial weights.")
    device: Literal["auto", "cpu", "cuda"] = Field("auto", description="auto: CUDA where there is one.")
    report_to: list[Literal["tensorboard", "wandb"]] = Field(["tensorboard"], description="Where curves go besides our own page.")
    extra: dict[str, Any] = Field({}, description="Keys of LLaMA-Factory, passed on as they are.")

    @field_validator("dataset", "targets", "report_to", mode="before")
    @classmethod
    def _one_is_a_list(cls, value: object) -> object:
        if isinstance(value, str):
            return [] if value == "none" else [part.strip() for part in value.split(",")]
        return value

    @property
    def scale(self) -> int:
        """LoRA's alpha in force."""
        return self.alpha if self.alpha is not None else 2 * self.rank

    @property
    def bits(self) -> int | None:
        return 4 if self.finetuning == "qlora" and self.quantization_bit is None else self.quantization_bit
