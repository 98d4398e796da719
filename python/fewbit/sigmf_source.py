# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""A recording in place of the antennas."""

from gnuradio import blocks, gr
from gnuradio.fewbit.fewbit_python import known_pilots
from gnuradio.fewbit.sigmf import Recording, SigmfError, read_meta


class sigmf_source(gr.hier_block2):  # noqa: N801 (a block)
    """Play a SigMF recording of antenna vectors (`gnuradio.fewbit.sigmf`).

    Output: items of `vlen` complex values or floats, one vector of all channels each; 16-bit
    integers are divided by 32768. A pilot that the recording annotates carries the stream tag
    `pilot` with what was sent, in every repetition.

    file: NAME.sigmf-meta; "" for a stream that ends at once, so that a flowgraph can be drawn
    before there is a recording.
    Raises SigmfError, a ValueError, in one sentence for a recording that cannot be read or is not
    of this type and number of channels.
    """

    def __init__(
        self, file: str = "", type: str = "complex", vlen: int = 1, repeat: bool = False
    ) -> None:
        if type not in ("complex", "float"):
            raise ValueError(f"sigmf_source: type is {type!r}, expected 'complex' or 'float'")
        if vlen < 1:
            raise ValueError(f"sigmf_source: vlen is {vlen}, expected at least 1")
        item = vlen * (gr.sizeof_gr_complex if type == "complex" else gr.sizeof_float)
        gr.hier_block2.__init__(
            self, "sigmf_source", gr.io_signature(0, 0, 0), gr.io_signature(1, 1, item)
        )
        if not file:
            self.connect(blocks.null_source(item), blocks.head(item, 0), self)
            return
        self.recording = read_meta(file)
        self._check(type, vlen)
        self._connect_recording(type, vlen, repeat)

    def _check(self, type: str, vlen: int) -> None:
        recording = self.recording
        kind = "complex" if recording.is_complex else "float"
        if (kind, recording.channels) != (type, vlen):
            raise SigmfError(
                f"recording {recording.data}: holds {recording.channels} {kind} channels, "
                f"expected {vlen} {type}"
            )
        if not recording.samples:
            raise SigmfError(f"recording {recording.data}: holds no sample")

    def _connect_recording(self, type: str, vlen: int, repeat: bool) -> None:
        recording: Recording = self.recording
        item = recording.sample_bytes * vlen
        chain = [blocks.file_source(item, str(recording.data), repeat, 0, recording.samples)]
        if recording.datatype.endswith("i16_le"):
            values = vlen * (2 if recording.is_complex else 1)
            chain.append(blocks.short_to_float(values, 32768.0))
        chain.append(
            known_pilots(
                type,
                vlen,
                list(recording.pilots),
                [value for sent in recording.pilots.values() for value in sent],
                recording.pilots_are_bits,
                recording.samples if repeat else 0,
            )
        )
        self.connect(*chain, self)
