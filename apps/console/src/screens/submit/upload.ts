import { ApiError, type FileView, PATH, type Problem } from '../../api/api';

/** Sends a file as it is. `onShare` hears how much of it has gone, from 0 to 1, which `fetch` does not tell. */
export function upload(file: File, onShare: (share: number) => void, signal: AbortSignal): Promise<FileView> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', `${PATH}/files?name=${encodeURIComponent(file.name)}`);
    request.setRequestHeader('accept', 'application/json');
    request.setRequestHeader('x-requested-by', 'console');
    request.setRequestHeader('content-type', file.type === '' ? 'application/octet-stream' : file.type);
    request.upload.onprogress = ({ loaded, total }) => onShare(total === 0 ? 1 : loaded / total);
    request.onload = () => {
      if (request.status < 300) resolve(JSON.parse(request.responseText) as FileView);
      else reject(refused(request.status, request.responseText));
    };
    request.onerror = () => reject(new ApiError(0, undefined, 'The gateway does not answer.'));
    request.onabort = () => reject(new DOMException('The upload was stopped', 'AbortError'));
    signal.addEventListener('abort', () => request.abort());
    request.send(file);
  });
}

function refused(status: number, text: string): ApiError {
  try {
    const problem = JSON.parse(text) as Problem;
    return new ApiError(status, problem, problem.detail);
  } catch {
    return new ApiError(status, undefined, `The answer was ${String(status)}, without a reason.`);
  }
}
