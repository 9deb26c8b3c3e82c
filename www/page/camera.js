// A picture from the camera.

/** Opens the front camera in a video element; the answer takes the picture or closes it. */
export async function openCamera(video) {
  const stream = await navigator.mediaDevices.getUserMedia({
    video: { facingMode: "user", width: { ideal: 1920 }, height: { ideal: 1440 } },
  });
  const close = () => {
    for (const track of stream.getTracks()) track.stop();
    // Another opening may have taken the element over.
    if (video.srcObject === stream) video.srcObject = null;
  };
  video.srcObject = stream;
  try {
    await video.play();
  } catch (fault) {
    close();
    throw fault;
  }
  return {
    close,
    /** The picture as a JPEG; the camera is closed with it. */
    async snap() {
      const canvas = document.createElement("canvas");
      canvas.width = video.videoWidth;
      canvas.height = video.videoHeight;
      canvas.getContext("2d").drawImage(video, 0, 0);
      close();
      return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.95));
    },
  };
}
